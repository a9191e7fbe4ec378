#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "server/storage/rocksdb/commit_writer.h"

namespace sconce::server::storage {

/// Gives back the space of packs in which little lives, where that of their garbage did not come back at once: it
/// copies what lives to a new pack, and the old one goes.
///
/// Lifetime: all that it is given outlives it. Threads: safe from many, one after the other.
class PackCompaction {
 public:
  struct Parts {
    RocksdbDatabase& database;
    RevisionClock& clock;
    CommitWriter& writer;
    const Report& report;
  };
  explicit PackCompaction(const Parts& parts) : parts_(parts) {}

  /// Of what lives in packs, in percent: with more waste than `begins` packs are compacted until there is no more than
  /// `ends`. A pack that has less waste itself than `ends` stays as it is.
  struct Waste {
    unsigned begins_percent = 20;
    unsigned ends_percent = 10;
    std::uint64_t begins_bytes = 4 << 20;  ///< Less is not worth the work.
  };
  /// Called after each chunk that is copied: whether to go on. May wait.
  using GoOn = std::function<bool()>;

  /// Errors: no_space, unavailable, io_error: what is left is to be tried again.
  Status run(const Waste& waste, const GoOn& go_on);

 private:
  struct Target;
  struct Found {
    Revision id;
    Segment segment;
  };

  Result<std::optional<Revision>> worst(const Waste& waste, bool begins);
  Status empty(const Revision& pack, std::optional<Target>& target, const GoOn& go_on);
  Result<std::vector<Found>> living_in(const Revision& pack);
  Status begin(std::optional<Target>& target);
  Status release_emptied();
  Status move(std::span<const Found> step, std::optional<Target>& target, const GoOn& go_on);
  Status copy(std::span<const Found> step, Target& target, std::vector<SegmentMove>& copies, const GoOn& go_on);
  Status report_damage(const Found& found, const core::Error& error);

  const Parts parts_;
  std::mutex mutex_;
  std::vector<Revision> emptied_;  // to be released
  std::set<Revision> stuck_;       // packs that could not be emptied, until the next start
};

}  // namespace sconce::server::storage
