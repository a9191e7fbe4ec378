#pragma once

#include <cstdint>
#include <string_view>

#include "proto/problem.h"

namespace sconce::proto {

enum class Endpoint : std::uint8_t {
  read_object,
  put_object,
  delete_object,
  list_objects,
  commit_batch,
  convert,
  compact,
  health,
};

/// Where a request goes.
struct Routed {
  Endpoint endpoint = Endpoint::health;
  std::string_view encoded_key;  // of object endpoints: the rest of the path, as it came
};

/// `path` is the request's target without its query. Errors: not_implemented, unknown_route;
/// method_not_allowed, with `Problem::allow`.
/// Lifetime: the result points into `path`.
Answer<Routed> route(std::string_view method, std::string_view path);

}  // namespace sconce::proto
