#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// One commit that waits its turn. Threads: one at a time.
struct PendingCommit {
  std::vector<Write> writes;
  std::uint64_t size_bytes = 0;  ///< Of what it puts that is still in memory.
  std::size_t files = 0;         ///< Of its uploads. They go with `writes`, unless they are taken in.
  Store::Committed committed;
  Result<CommitOutcome> outcome = CommitOutcome{};
};

/// Ends a commit and calls `committed`. Its uploads go first, so that the space of what was not written is free by
/// then. Where there is no memory to call it with, it is not called.
void complete(PendingCommit& commit) noexcept;

}  // namespace sconce::server::storage
