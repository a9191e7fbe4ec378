#include "server/net/connection/refusals.h"

#include <string>

namespace sconce::server::net {

using proto::RequestError;

proto::Problem body_too_large(std::uint64_t bytes_max) {
  return proto::problem_of(RequestError::body_too_large, "the body is larger than the " + std::to_string(bytes_max) +
                                                             " bytes that this server takes");
}

proto::Problem body_too_slow() { return proto::problem_of(RequestError::request_timeout, "the body came too slowly"); }

Response overloaded() {
  return response_of(
      proto::problem_of(RequestError::overloaded, "there is too much to do at the moment; send it again later"));
}

}  // namespace sconce::server::net
