#pragma once

#include <string_view>

#include "proto/problem.h"

namespace sconce::server::net {

/// A request's target as the endpoints see it. Lifetime: points into the target.
struct LocalTarget {
  std::string_view path;  // `*` of `OPTIONS *`
  std::string_view query;
};

/// Of a target in origin form (`/path`), in absolute form (`http://host/path`), or of `OPTIONS *`. Errors: bad_request,
/// misdirected (another scheme's), not_implemented (CONNECT). Source: RFC 9112, section 3.2.
proto::Answer<LocalTarget> local_target_of(std::string_view method, std::string_view target);

/// `host[:port]`, where the host may be empty. Source: RFC 3986, section 3.2, without user information.
bool is_host(std::string_view text);

}  // namespace sconce::server::net
