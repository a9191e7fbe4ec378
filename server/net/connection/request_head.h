#pragma once

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>

#include "server/http/message.h"

namespace sconce::server::net {

/// What Beast read, as the endpoints see it; where the target is absolute, `host` is its host, whatever the Host field
/// says (RFC 9112, section 3.2.2). Threads: no state. Errors: bad_request (Host, framing, target), misdirected,
/// expectation_failed, not_implemented (a transfer coding before chunked, CONNECT).
proto::HttpResult<RequestHead> request_head_of(
    const boost::beast::http::request<boost::beast::http::empty_body>& message, bool is_tls);

/// Whether the client would send more on this connection. Source: RFC 9112, section 9.3.
bool would_go_on(const boost::beast::http::request<boost::beast::http::empty_body>& message);

}  // namespace sconce::server::net
