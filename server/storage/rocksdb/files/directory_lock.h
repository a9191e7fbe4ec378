#pragma once

#include <rocksdb/env.h>

#include <filesystem>

#include "core/error.h"

namespace sconce::server::storage {

/// Keeps servers away from a data directory. Threads: one at a time. Errors: io_error (another process has it).
class DirectoryLock {
 public:
  DirectoryLock() = default;
  ~DirectoryLock() { release(); }
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

  /// Errors: io_error, also if another process has it.
  core::Status take(const std::filesystem::path& directory);
  void release();

 private:
  rocksdb::FileLock* lock_ = nullptr;
};

}  // namespace sconce::server::storage
