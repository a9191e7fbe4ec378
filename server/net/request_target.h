#pragma once

#include <string_view>

#include "proto/http/problem.h"

namespace sconce::server::net {

/// A request's target as the endpoints see it. Lifetime: points into the target.
struct LocalTarget {
  std::string_view path;  // `*` of `OPTIONS *`
  std::string_view query;
  std::string_view host = {};  // `host[:port]` of an absolute target; takes the place of the Host field
};

/// Of a target in origin form (`/path`), in absolute form (`http://host/path`; over TLS `https://host/path`), or of
/// `OPTIONS *`; its bytes are those of `is_target_text`. Threads: no state. Errors: bad_request, misdirected (another
/// scheme than the connection's), not_implemented (CONNECT). Source: RFC 9112, section 3.2; RFC 9110, section 7.4.
proto::HttpResult<LocalTarget> local_target_of(std::string_view method, std::string_view target, bool is_tls);

/// Whether all bytes may stand in a target. Brackets, which a URI has to encode, stand in paths of parts
/// (`modules[1].weight`), and browsers leave them too.
bool is_target_text(std::string_view text);

/// `host[:port]`. Source: RFC 3986, section 3.2, without user information; a host is not empty in `http` (RFC 9110,
/// section 4.2.1).
bool is_host(std::string_view text);

}  // namespace sconce::server::net
