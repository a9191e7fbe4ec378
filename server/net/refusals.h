#pragma once

#include <boost/system/error_code.hpp>
#include <cstdint>
#include <optional>

#include "proto/problem.h"
#include "server/api/http_message.h"

namespace sconce::server::net {

proto::Problem body_too_large(std::uint64_t bytes_max);
proto::Problem body_too_slow();

/// Why a body could not be read; nothing if the connection ended.
std::optional<proto::Problem> problem_of_body(const boost::system::error_code& error, std::uint64_t bytes_max);

/// There is too much to do; says when to come again.
api::Response overloaded();

}  // namespace sconce::server::net
