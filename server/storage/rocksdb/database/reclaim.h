#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "server/storage/rocksdb/database/instance.h"
#include "server/storage/rocksdb/files/volume_sizes.h"

namespace sconce::server::storage {

/// Gives back the space of small objects that were deleted, on a volume that is full: in steps, none of which writes
/// more than what is free. RocksDB's own compactions write first and give back then, and ask nobody for the space.
/// Lifetime: all is borrowed. Threads: one at a time; `stopping` is set by any. Errors: those of RocksDB.
class RocksdbReclaim {
 public:
  struct Surroundings {
    const VolumeSizes& sizes;
    std::function<std::uint64_t()> free_bytes;  ///< Of the volume.
    std::atomic<bool>& stopping;                ///< Ends it.
  };
  RocksdbReclaim(RocksdbInstance& instance, Surroundings surroundings)
      : instance_(instance), surroundings_(std::move(surroundings)) {}

  /// Whether all can be written again at once, as a compaction of the whole database does.
  bool fits_at_once();
  Status run();
  /// What has to be free for the least step that was left out since it does not fit; 0 if none was.
  std::uint64_t lacked_bytes() const { return lacked_bytes_; }

 private:
  Status flush();
  Status drop_deleted(rocksdb::ColumnFamilyHandle* family);
  Status drop_deleted_by_files(rocksdb::ColumnFamilyHandle* family, const rocksdb::ColumnFamilyMetaData& about);
  Status collect_blobs();
  Status compact(rocksdb::ColumnFamilyHandle* family, const rocksdb::Slice* begin, const rocksdb::Slice* end,
                 double blobs_of_age);
  std::uint64_t unflushed_bytes();
  std::uint64_t needed_for(std::uint64_t bytes) const;
  bool fits(std::uint64_t bytes) const { return needed_for(bytes) <= surroundings_.free_bytes(); }
  bool fits_or_is_noted(std::uint64_t bytes);

  RocksdbInstance& instance_;
  const Surroundings surroundings_;
  std::uint64_t lacked_bytes_ = 0;
};

}  // namespace sconce::server::storage
