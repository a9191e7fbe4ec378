#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/slice.h>

#include <cstdint>
#include <memory>
#include <string>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// Chunks of segments in memory, in the room that RocksDB's chunks have too. Threads: safe from many. Lifetime: holds
/// the cache; what was given is held by the slice.
class ChunkCache {
 public:
  explicit ChunkCache(std::shared_ptr<rocksdb::Cache> cache) : cache_(std::move(cache)) {}

  /// False if the chunk is not there.
  bool find(const Revision& segment, std::uint64_t number, rocksdb::PinnableSlice& bytes);
  /// Keeps a chunk, and gives it. Where there is no room, it is held by the slice alone.
  void keep(const Revision& segment, std::uint64_t number, std::string chunk, rocksdb::PinnableSlice& bytes);

 private:
  void pin(rocksdb::Cache::Handle* handle, rocksdb::PinnableSlice& bytes);

  const std::shared_ptr<rocksdb::Cache> cache_;
};

}  // namespace sconce::server::storage
