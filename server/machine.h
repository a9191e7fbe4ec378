#pragma once

#include <cstdint>

namespace sconce::server {

/// Raises what many systems grant at first to all that the process may have. How many descriptors that is.
std::uint64_t take_all_descriptors();

/// The memory that the process may have: the machine's, or less where a container is given less.
std::uint64_t memory_granted_bytes();

}  // namespace sconce::server
