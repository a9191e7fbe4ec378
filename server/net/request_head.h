#pragma once

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>

#include "server/api/http_message.h"

namespace sconce::server::net {

/// What Beast read, as the endpoints see it. Errors: bad_request (no Host, a target that is no path), not_implemented
/// (a transfer coding but chunked).
proto::Answer<api::RequestHead> request_head_of(
    const boost::beast::http::request<boost::beast::http::empty_body>& message);

}  // namespace sconce::server::net
