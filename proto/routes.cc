#include "proto/routes.h"

namespace sconce::proto {

namespace {

/// A pattern that ends with a `/` takes the rest of the path as a key.
struct Route {
  std::string_view method;
  std::string_view pattern;
  Endpoint endpoint;
};

constexpr std::string_view kObjects = "/v1/objects/";

constexpr Route kRoutes[] = {
    {"GET", kObjects, Endpoint::read_object},      {"HEAD", kObjects, Endpoint::read_object},
    {"PUT", kObjects, Endpoint::put_object},       {"DELETE", kObjects, Endpoint::delete_object},
    {"POST", "/v1/convert", Endpoint::convert},    {"GET", "/healthz", Endpoint::health},
    {"HEAD", "/healthz", Endpoint::health},
};

bool takes(const Route& route, std::string_view path) {
  return route.pattern.ends_with('/') ? path.starts_with(route.pattern) : path == route.pattern;
}

}  // namespace

Answer<Routed> route(std::string_view method, std::string_view path) {
  std::string allow;
  for (const Route& candidate : kRoutes) {
    if (!takes(candidate, path)) continue;
    if (candidate.method == method) return Routed{candidate.endpoint, path.substr(candidate.pattern.size())};
    if (!allow.empty()) allow += ", ";
    allow += candidate.method;
  }
  if (allow.empty()) return refuse(Refusal::unknown_route, "there is nothing at this path; objects are at /v1/objects/{key}");
  Problem problem = problem_of(Refusal::method_not_allowed, "this path knows " + allow);
  problem.allow = std::move(allow);
  return std::unexpected(std::move(problem));
}

}  // namespace sconce::proto
