#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "server/storage/store.h"

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
  /// On which RocksDB works; its own, if it is null.
  std::shared_ptr<rocksdb::FileSystem> file_system = nullptr;
  /// Told what fails in the background. Called from any thread; nothing by default.
  std::function<void(const core::Error&)> report = [](const core::Error&) {};
};

/// The store on RocksDB. Drops what an earlier process left as garbage, before it returns.
/// Errors: io_error (no access, in use by another process, a newer layout), corrupt, no_space.
Result<std::unique_ptr<Store>> open_rocksdb_store(RocksdbStoreOptions options);

}  // namespace sconce::server::storage
