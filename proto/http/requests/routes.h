#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proto/http/access/rights.h"
#include "proto/http/problem.h"

namespace sconce::proto {

enum class Endpoint : std::uint8_t {
  read_object,
  put_object,
  delete_object,
  list_objects,
  commit_batch,
  get_batch,
  convert,
  compact,
  metrics,
  health,
  ready,
};
inline constexpr std::size_t kEndpointCount = static_cast<std::size_t>(Endpoint::ready) + 1;  // the last one's

/// As it stands above.
std::string_view name_of(Endpoint endpoint);

/// What a client must be allowed to do for an endpoint to hear it.
struct RequiredRights {
  /// For which keys.
  enum class Where : std::uint8_t {
    nowhere,     ///< Anybody may; there are no rights to it.
    somewhere,   ///< For any.
    key,         ///< The one of the path.
    prefix,      ///< All that begin as the query says.
    each_named,  ///< Each that the body names.
  };
  Where where = Where::nowhere;
  Rights rights = {};  ///< One of them; which of several it is, the body says of each key.
};
RequiredRights required_rights_of(Endpoint endpoint);

/// Where a request goes.
struct Routed {
  Endpoint endpoint = Endpoint::health;
  std::string_view encoded_key;  // of object endpoints: the rest of the path, as it came
};

/// `path` is the request's target without its query. Lifetime: the result points into `path`. Threads: no state.
/// Errors: not_implemented, unknown_route; method_not_allowed, with `Problem::allow`.
HttpResult<Routed> route(std::string_view method, std::string_view path);

}  // namespace sconce::proto
