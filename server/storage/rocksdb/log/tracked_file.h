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
  bool is_named = false;  ///< Its name is on the disk.
  bool has_failed = false;
};

/// A file that keeps `tracked` up to date, under `mutex`. Lifetime: `mutex` is borrowed.
std::unique_ptr<rocksdb::FSWritableFile> tracked_file(std::unique_ptr<rocksdb::FSWritableFile> file,
                                                      std::shared_ptr<TrackedBytes> tracked, std::mutex& mutex);

}  // namespace sconce::server::storage
