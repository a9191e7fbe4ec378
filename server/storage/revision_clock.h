#pragma once

#include <cstdint>
#include <mutex>
#include <random>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// Makes revisions: 48 bits of milliseconds since 1970 and a 16-bit count, big-endian, then 64 random bits, so that
/// they order by time and two stores never make the same one. If the wall clock stands still or goes back, the count
/// runs on. The system's random device is only asked when a clock is made, and may throw then; `next` does not.
/// Threads: safe from many.
class RevisionClock {
 public:
  /// All revisions will be greater than `floor`.
  explicit RevisionClock(const Revision& floor = {});
  Revision next(std::chrono::system_clock::time_point now) noexcept;

 private:
  std::mutex mutex_;
  std::uint64_t last_;
  std::mt19937_64 random_;
};

/// The revision of a commit that changed something: that of its last put, or one of its own where it only deletes.
/// `after` is what CommitOutcome tells.
Revision revision_of_commit(const std::vector<Write>& writes, const std::vector<std::optional<ObjectMeta>>& after,
                            RevisionClock& clock);

}  // namespace sconce::server::storage
