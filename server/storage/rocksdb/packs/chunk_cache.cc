#include "server/storage/rocksdb/packs/chunk_cache.h"

#include <utility>

#include "server/storage/rocksdb/files/record_bytes.h"

namespace sconce::server::storage {

namespace {

/// Longer than RocksDB's own keys, which have 16 bytes.
std::string key_of(const Revision& segment, std::uint64_t number) {
  RecordWriter key;
  key.bytes(segment.bytes);
  key.integer(number);
  return key.take();
}

void free_chunk(const rocksdb::Slice&, void* chunk) { delete static_cast<std::string*>(chunk); }

void release(void* cache, void* handle) {
  static_cast<rocksdb::Cache*>(cache)->Release(static_cast<rocksdb::Cache::Handle*>(handle));
}

}  // namespace

bool ChunkCache::find(const Revision& segment, std::uint64_t number, rocksdb::PinnableSlice& bytes) {
  rocksdb::Cache::Handle* const handle = cache_->Lookup(key_of(segment, number));
  if (handle == nullptr) return false;
  pin(handle, bytes);
  return true;
}

void ChunkCache::keep(const Revision& segment, std::uint64_t number, std::string chunk, rocksdb::PinnableSlice& bytes) {
  auto kept = std::make_unique<std::string>(std::move(chunk));
  const std::size_t size = kept->capacity();
  rocksdb::Cache::Handle* handle = nullptr;
  const rocksdb::Status inserted = cache_->Insert(key_of(segment, number), kept.get(), size, free_chunk, &handle);
  if (!inserted.ok()) {  // it is full, and takes no more than it has room for
    bytes.Reset();
    *bytes.GetSelf() = std::move(*kept);
    return bytes.PinSelf();
  }
  (void)kept.release();
  pin(handle, bytes);
}

void ChunkCache::pin(rocksdb::Cache::Handle* handle, rocksdb::PinnableSlice& bytes) {
  const auto* const chunk = static_cast<const std::string*>(cache_->Value(handle));
  bytes.Reset();
  bytes.PinSlice(*chunk, release, cache_.get(), handle);
}

}  // namespace sconce::server::storage
