#pragma once

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/message.hpp>

#include "server/api/http_message.h"

namespace sconce::server::net {

/// What of a request decides how its answer is framed.
struct Framing {
  unsigned request_version = 11;  // 10: a client that knows no chunks
  bool to_head = false;
  bool keep_alive = false;  // both sides would go on
};

/// The head of an answer as Beast writes it; the body is yet to be given. Its `keep_alive()` says whether the
/// connection can go on. Source: RFC 9112, sections 6 and 9.3; RFC 9110, section 2.5 for the version.
boost::beast::http::response<boost::beast::http::buffer_body> message_of(const api::Response& response,
                                                                         const Framing& framing);

}  // namespace sconce::server::net
