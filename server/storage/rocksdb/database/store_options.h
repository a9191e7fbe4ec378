#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/error.h"

namespace rocksdb {
class FileSystem;
}

namespace sconce::server::storage {

/// Of what is kept in memory, small objects by key are this part: a quarter. The rest is for blocks and blobs.
inline constexpr std::uint64_t kHotPart = 4;

/// How a store is opened. Threads: as a value.
struct RocksdbStoreOptions {
  std::filesystem::path directory;
  std::uint64_t object_bytes_max = std::uint64_t{1} << 40;
  /// Of what has been read, to be read again from memory.
  std::uint64_t cache_bytes = 96 << 20;
  /// Of what has been written and is not in a table file yet, for each family of records. RocksDB holds up to twice as
  /// much of one while it writes the file, and three times as much of all.
  std::uint64_t write_buffer_bytes = 64 << 20;
  /// On which RocksDB works; its own, if it is null.
  std::shared_ptr<rocksdb::FileSystem> file_system = nullptr;
  /// Descriptors that tables and packs which are open may hold.
  int tables_open_max = 1024;
  /// The same of files that are being uploaded, and of temporary ones (`Store::disk_room`). More are unavailable.
  std::size_t uploads_open_max = 1024;
  /// Told what a person should know of the store: that the disk is full, and that it no longer is. Called from any
  /// thread.
  std::function<void(const std::string&)> tell = [](const std::string&) {};
  /// Told what fails in the background. Called from any thread; nothing by default.
  std::function<void(const core::Error&)> report = [](const core::Error&) {};
};

}  // namespace sconce::server::storage
