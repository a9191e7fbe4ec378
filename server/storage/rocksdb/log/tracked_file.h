#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <memory>
#include <mutex>

namespace sconce::server::storage {

/// How far a file has been written and synced. Threads: under a mutex of the owner's.
struct TrackedBytes {
  std::uint64_t bytes = 0;
  std::uint64_t synced_bytes = 0;
  /// A commit was acknowledged that needs them, or SYNCED was told of them.
  std::uint64_t promised_bytes = 0;
  bool is_named = false;  ///< Its name is on the disk.
  bool has_failed = false;

  /// What follows is not on the disk, or nobody knows.
  std::uint64_t proven_bytes() const { return is_named ? synced_bytes : 0; }
};

/// A file that keeps `tracked` up to date, under `mutex`. Lifetime: `mutex` is borrowed.
std::unique_ptr<rocksdb::FSWritableFile> tracked_file(std::unique_ptr<rocksdb::FSWritableFile> file,
                                                      std::shared_ptr<TrackedBytes> tracked, std::mutex& mutex);

}  // namespace sconce::server::storage
