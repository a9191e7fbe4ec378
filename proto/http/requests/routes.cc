#include "proto/http/requests/routes.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/text/quote.h"

namespace sconce::proto {

namespace {

/// A pattern that ends with a `/` takes the rest of the path as a key.
struct Route {
  std::string_view method;
  std::string_view pattern;
  Endpoint endpoint;
};

constexpr std::string_view kAnyPath = "*";  // of `OPTIONS *`, which asks for what any path knows
constexpr std::string_view kObjects = "/v1/objects/";

// A server that listens has its store open: the port opens after it, and closes before it.
constexpr Route kRoutes[] = {
    {"GET", kObjects, Endpoint::read_object},
    {"HEAD", kObjects, Endpoint::read_object},
    {"PUT", kObjects, Endpoint::put_object},
    {"DELETE", kObjects, Endpoint::delete_object},
    {"GET", "/v1/objects", Endpoint::list_objects},
    {"HEAD", "/v1/objects", Endpoint::list_objects},
    {"POST", "/v1/batch/commit", Endpoint::commit_batch},
    {"POST", "/v1/batch/get", Endpoint::get_batch},
    {"POST", "/v1/convert", Endpoint::convert},
    {"POST", "/v1/admin/compact", Endpoint::compact},
    {"GET", "/metrics", Endpoint::metrics},
    {"HEAD", "/metrics", Endpoint::metrics},
    {"GET", "/healthz", Endpoint::health},
    {"HEAD", "/healthz", Endpoint::health},
    {"GET", "/readyz", Endpoint::ready},
    {"HEAD", "/readyz", Endpoint::ready},
};

bool takes(const Route& route, std::string_view path) {
  return route.pattern.ends_with('/') ? path.starts_with(route.pattern) : path == route.pattern;
}

/// The methods that HTTP knows; a path that does not take one of them says so, and any other is nonsense everywhere.
/// Source: RFC 9110, section 9.3, and RFC 5789.
constexpr std::string_view kMethods[] = {"GET",     "HEAD",    "PUT",   "DELETE", "POST",
                                         "CONNECT", "OPTIONS", "TRACE", "PATCH"};

}  // namespace

std::string_view name_of(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::read_object: return "read_object";
    case Endpoint::put_object: return "put_object";
    case Endpoint::delete_object: return "delete_object";
    case Endpoint::list_objects: return "list_objects";
    case Endpoint::commit_batch: return "commit_batch";
    case Endpoint::get_batch: return "get_batch";
    case Endpoint::convert: return "convert";
    case Endpoint::compact: return "compact";
    case Endpoint::metrics: return "metrics";
    case Endpoint::health: return "health";
    case Endpoint::ready: return "ready";
  }
  std::unreachable();
}

RequiredRights required_rights_of(Endpoint endpoint) {
  using Where = RequiredRights::Where;
  switch (endpoint) {
    case Endpoint::read_object: return {Where::key, {Right::read}};
    case Endpoint::put_object: return {Where::key, {Right::write}};
    case Endpoint::delete_object: return {Where::key, {Right::remove}};
    case Endpoint::list_objects: return {Where::prefix, {Right::list}};
    case Endpoint::commit_batch: return {Where::each_named, {Right::write, Right::remove}};
    case Endpoint::get_batch: return {Where::each_named, {Right::read}};
    case Endpoint::convert: return {Where::somewhere, {Right::write}};  // its body takes space on the disk
    case Endpoint::compact: return {Where::somewhere, {Right::admin}};
    case Endpoint::metrics: return {Where::somewhere, {Right::metrics}};
    case Endpoint::health:
    case Endpoint::ready: return {Where::nowhere, {}};
  }
  std::unreachable();
}

HttpResult<Routed> route(std::string_view method, std::string_view path) {
  if (std::ranges::find(kMethods, method) == std::end(kMethods)) {
    return refuse(RequestError::not_implemented, "the method " + core::in_backticks(method) + " is not known");
  }
  std::string allow;
  for (const Route& candidate : kRoutes) {
    if (path != kAnyPath && !takes(candidate, path)) continue;
    if (path != kAnyPath && candidate.method == method)
      return Routed{candidate.endpoint, path.substr(candidate.pattern.size())};
    if (allow.find(candidate.method) != std::string::npos) continue;
    if (!allow.empty()) allow += ", ";
    allow += candidate.method;
  }
  if (allow.empty()) {
    return refuse(RequestError::unknown_route, "there is nothing at this path; objects are at /v1/objects/{key}");
  }
  Problem problem = problem_of(RequestError::method_not_allowed, "this path knows " + allow);
  problem.allow = std::move(allow);
  return std::unexpected(std::move(problem));
}

}  // namespace sconce::proto
