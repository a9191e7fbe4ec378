#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "core/error.h"

namespace rocksdb {
class FileSystem;
}

namespace sconce::server::storage {

/// Of what is kept in memory, small objects by key are this part: a quarter. The rest is for blocks and blobs.
inline constexpr std::uint64_t kHotPart = 4;

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
  /// Told what fails in the background. Called from any thread; nothing by default.
  std::function<void(const core::Error&)> report = [](const core::Error&) {};
};

}  // namespace sconce::server::storage
