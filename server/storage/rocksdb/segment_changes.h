#pragma once

#include <rocksdb/write_batch.h>

#include <map>
#include <optional>
#include <vector>

#include "server/storage/rocksdb/database/database.h"

namespace sconce::server::storage {

/// What one batch changes of segments and packs: who refers to them, and how much of a pack lives. All counts are
/// written as they are after the batch, so that no crash can leave them between two states.
///
/// Threads: the one that commits. Lifetime: the database outlives it.
class SegmentChanges {
 public:
  explicit SegmentChanges(RocksdbDatabase& database) : database_(database) {}

  /// A finished segment becomes the database's.
  void add(const Revision& id, const Segment& segment);
  /// Reads the records that `release` will need. Errors: those of reading; nothing has changed then.
  Status look_up(const std::vector<Extent>& extents);
  /// An object consists of these now. They were added, or looked up.
  void refer(const std::vector<Extent>& extents);
  /// The bytes of a segment lie in another place too, and from now on only there. False, and nothing has changed, if it
  /// is no longer where it was copied from, or nobody refers to it. Errors: those of reading.
  Result<bool> move(const Revision& id, const Segment& from, const Segment& to);
  /// An object is gone that consisted of these, which were looked up. Returns what is garbage now: also what is no
  /// segment, which one object has alone. A segment without a record is damaged, and left out.
  std::vector<Placement> release(const std::vector<Extent>& extents);

  void write_to(rocksdb::WriteBatch& batch) const;
  /// The batch is on the disk.
  void written();

 private:
  Status look_up(const Revision& id);
  Segment* change(const Extent& extent);
  PackChange& change_of(const Revision& pack);

  RocksdbDatabase& database_;
  struct Known {
    std::optional<Segment> segment;  // as the batch leaves it
    bool is_changed = false;
  };
  std::map<Revision, Known> segments_;    // that were looked at
  std::map<Revision, PackChange> packs_;  // that change
};

}  // namespace sconce::server::storage
