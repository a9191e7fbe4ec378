#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>

#include "server/storage/cache/change_listener.h"
#include "server/storage/commits/pending_commit.h"
#include "server/storage/failure_report.h"
#include "server/storage/revision_clock.h"
#include "server/storage/rocksdb/background/garbage_sweeper.h"
#include "server/storage/rocksdb/commit_group.h"
#include "server/storage/rocksdb/revision_pins.h"

namespace sconce::server::storage {

/// Writes groups of commits, and opens the files again after a failure that can end.
///
/// Lifetime: all that it is given outlives it. Threads: safe from many, one after the other.
/// Errors: in the outcomes of the commits; what fails beside them goes to `report`.
class CommitWriter {
 public:
  struct Parts {
    RocksdbDatabase& database;
    RevisionClock& clock;
    ChangeListener& listener;
    RevisionPins& pins;
    GarbageSweeper& sweeper;
    const Report& report;
  };
  explicit CommitWriter(const Parts& parts) : parts_(parts) {}

  /// Fills in the outcomes of `group`. Where it cannot be written for the fault of one commit, each is written alone,
  /// so that only that one fails. What only deletes is not refused for a lack of space before all that is kept for it
  /// was used.
  void apply(std::span<PendingCommit> group);

  /// Writes that segments lie where their copies are. Copies that nobody needs any more are discarded; so are all, if
  /// nothing could be written. Returns how many were moved. Errors: io_error, no_space, unavailable.
  Result<std::size_t> move(std::span<const SegmentMove> moves);
  /// Writes that an object consists of what was uploaded and finished, which are its bytes. False if the key holds
  /// another one by now. Adds where the bytes were to `replaced`, for `drop`. Errors: the same.
  Result<bool> move(const std::string& key, const StoredObject& object, RocksdbUpload& upload,
                    std::vector<Placement>& replaced);
  /// Drops bytes that no key names any more, once nobody reads them.
  void drop(std::vector<Placement> replaced);

 private:
  void recover(bool gives_up_ballast = false);
  bool apply_together(std::span<PendingCommit> group, unsigned shortages = 0) noexcept;
  bool try_together(std::span<PendingCommit> group, unsigned shortages);
  Status prepare(std::span<PendingCommit> group, CommitGroup& state);
  void settle(CommitGroup& state) noexcept;
  void after_failure(std::span<PendingCommit> group, const core::Error& error, unsigned shortages);
  core::Error as_shortage(core::Error error);

  std::mutex mutex_;
  const Parts parts_;
};

}  // namespace sconce::server::storage
