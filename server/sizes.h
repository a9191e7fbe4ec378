#pragma once

#include <cstdint>
#include <string>

#include "server/config.h"
#include "server/machine.h"

namespace sconce::server {

/// How much memory is for what, and how many threads there are: what the configuration says, and else a part of what
/// the machine grants. Threads: no state.
struct Sizes {
  std::uint64_t memory_bytes;        ///< Of which these are parts.
  std::uint64_t cache_bytes;         ///< An eighth, 8 MiB to 1 GiB: to fill more costs more than it saves.
  std::uint64_t write_buffer_bytes;  ///< Of one family of records in RocksDB: a sixteenth, 4 to 64 MiB.
  std::uint64_t request_bytes;       ///< Of bodies and answers under way: a quarter, 32 to 512 MiB.
  std::uint64_t outline_bytes;       ///< Of outlines that are kept: a 32nd, 1 to 32 MiB.
  std::uint64_t held_bytes_max;      ///< Of an object that is held whole: a 32nd, 1 to 64 MiB.
  std::uint64_t expanded_bytes_max;  ///< Of what is made of it: a 16th, 4 to 256 MiB.
  unsigned processors;
  unsigned io_threads;      ///< One for each processor.
  unsigned worker_threads;  ///< For reads, and as many for writes: four for each processor, 16 at least.
  unsigned bulk_threads;    ///< One for each processor, 2 at least.
};
Sizes sizes_of(const Config& config, const Machine& machine);

/// For the log.
std::string to_string(const Sizes& sizes);

}  // namespace sconce::server
