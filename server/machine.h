#pragma once

#include <cstdint>

namespace sconce::server {

/// Raises what many systems grant at first to all that the process may have. How many descriptors that is.
/// Threads: one at a time, since the limit is the process's.
std::uint64_t take_all_descriptors();

/// What the process may use: what the machine has, or less where its control groups, a container's or systemd's, allow
/// it less.
struct Machine {
  std::uint64_t memory_bytes = 0;
  unsigned processors = 1;  ///< On which it may run at once; a quota of one and a half counts as two.
};
Machine machine_granted();

}  // namespace sconce::server
