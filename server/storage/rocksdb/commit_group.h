#pragma once

#include <rocksdb/write_batch.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/storage/cache/change_listener.h"
#include "server/storage/revision_clock.h"
#include "server/storage/rocksdb/database/database.h"
#include "server/storage/rocksdb/segment_changes.h"
#include "server/storage/rocksdb/upload.h"

namespace sconce::server::storage {

/// A segment that was copied. The copy is on the disk, and waits for its commit.
struct SegmentMove {
  Revision id;
  Segment from;
  Segment to;
};

/// Commits that one sync makes durable together: each is decided against the keys as those before it leave them, then
/// all are written as one batch.
///
/// Lifetime: not longer than the writes that were decided. Threads: the one that commits.
/// Errors: io_error, no_space, unavailable; the group is to be given up then.
class CommitGroup {
 public:
  /// Both are borrowed.
  CommitGroup(RocksdbDatabase& database, RevisionClock& clock)
      : database_(database), clock_(clock), segments_(database) {}

  /// Adds a commit, unless one of its conditions does not hold. Errors: no_space, if there is no room for this one.
  Result<CommitOutcome> decide(const std::vector<Write>& writes);

  /// From now on a segment lies where its copy is. False if it is not to be moved any more.
  Result<bool> move(const SegmentMove& move);
  /// From now on an object consists of what was uploaded, which are its bytes; `object` is how it was read. False if
  /// the key holds another one by now.
  Result<bool> move(const std::string& key, const StoredObject& object, RocksdbUpload& upload);

  /// Makes all of it durable; `listener` hears of the keys. After it, the batch owns what the uploads have on the disk.
  /// Where it fails that is abandoned: what is in the log may be found at the next start.
  Status write(ChangeListener& listener);

  /// Bytes that no key names any more, once it is written.
  std::vector<Placement>& replaced() { return replaced_; }
  /// Adds what the group did, once it is written.
  void count(StoreCounters& counters) const;

 private:
  Status take_room(const std::vector<Write>& writes);
  Result<std::optional<StoredObject>> state_of(const std::string& key) const;
  std::optional<StoredObject> add(const Write& write, const std::optional<StoredObject>& before);
  void replace(const StoredObject& before);
  StoredObject add_put(const Put& put, const std::optional<StoredObject>& before);
  Revision next_revision();
  Extent add_bytes(RocksdbUpload& upload, const Revision& revision);
  Status write_batch(ChangeListener& listener);

  RocksdbDatabase& database_;
  RevisionClock& clock_;
  rocksdb::WriteBatch batch_;
  SegmentChanges segments_;
  std::vector<RocksdbUpload*> uploads_;  // whose bytes the batch refers to
  std::vector<SegmentMove> moves_;
  std::map<std::string, std::optional<StoredObject>, std::less<>> keys_;  // as the commits so far leave them
  std::vector<Placement> replaced_;
  std::optional<Revision> last_;             // revision that was given
  std::optional<std::uint64_t> room_bytes_;  // left for the log and its flush, once it was asked for
  std::uint64_t commits_ = 0;                // that change something
  std::uint64_t bytes_written_ = 0;          // of the objects that they store
};

}  // namespace sconce::server::storage
