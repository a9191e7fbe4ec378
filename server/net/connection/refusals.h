#pragma once

#include <cstdint>

#include "proto/http/problem.h"
#include "server/http/message.h"

namespace sconce::server::net {

proto::Problem body_too_large(std::uint64_t bytes_max);
proto::Problem body_too_slow();

/// There is too much to do; says when to come again. Threads: no state.
Response overloaded();

}  // namespace sconce::server::net
