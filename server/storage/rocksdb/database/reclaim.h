#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "server/storage/rocksdb/database/instance.h"
#include "server/storage/rocksdb/files/volume_sizes.h"

namespace sconce::server::storage {

/// Gives back the space of small objects that were deleted, on a volume that is full: in steps, none of which writes
/// more than what is free. RocksDB's own compactions write first and give back then, and ask nobody for the space.
/// Errors: those of RocksDB.
class RocksdbReclaim {
 public:
  struct Surroundings {
    const VolumeSizes& sizes;
    std::function<std::uint64_t()> free_bytes;  ///< Of the volume.
    std::atomic<bool>& stopping;                ///< Ends it.
  };
  RocksdbReclaim(RocksdbInstance& instance, Surroundings surroundings)
      : instance_(instance), surroundings_(std::move(surroundings)) {}

  Status run();

 private:
  Status flush();
  Status drop_deleted(rocksdb::ColumnFamilyHandle* family);
  Status drop_deleted_by_files(rocksdb::ColumnFamilyHandle* family, const rocksdb::ColumnFamilyMetaData& about);
  Status collect_blobs();
  Status compact(rocksdb::ColumnFamilyHandle* family, const rocksdb::Slice* begin, const rocksdb::Slice* end,
                 double blobs_of_age);
  bool fits(std::uint64_t bytes) const;

  RocksdbInstance& instance_;
  const Surroundings surroundings_;
};

}  // namespace sconce::server::storage
