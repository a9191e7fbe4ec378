#include "server/storage/rocksdb/database/options.h"

#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/flush_block_policy.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <bit>

#include "server/storage/rocksdb/packs/segment.h"

namespace sconce::server::storage {

namespace {

// RocksDB's cache is made of shards, each with its own lock and its part of the room, which must be large beside the
// largest entry, a chunk.
constexpr std::uint64_t kCacheShardBytesMin = 32 << 20;
constexpr int kCacheShardBitsMax = 6;
constexpr std::uint64_t kBlobBytesMin = 4096;  // below it, a value is cheaper beside its key than in a file of its own
constexpr std::uint64_t kBlobFileBytes = 256 << 20;
// A start after a crash reads the log again; it grows until every family of records has been flushed.
constexpr std::uint64_t kLogBytesMax = 256 << 20;
constexpr double kFilterBitsPerKey = 10;
// A block of one chunk, with its key: what room RocksDB makes for a block, which it would copy to make more.
constexpr std::size_t kChunkBlockBytes = kChunkBytes + (1 << 10);

rocksdb::BlockBasedTableOptions table_options(const ReadCache& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.checksum = rocksdb::kXXH3;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBitsPerKey));
  table.block_cache = cache;
  table.no_block_cache = cache == nullptr;
  return table;
}

/// A block for each chunk, so that none is read for the sake of another.
std::shared_ptr<rocksdb::FlushBlockPolicyFactory> block_of_each_key() {
  std::shared_ptr<rocksdb::FlushBlockPolicyFactory> policy;
  const rocksdb::Status made =
      rocksdb::FlushBlockPolicyFactory::CreateFromString({}, "FlushBlockEveryKeyPolicyFactory", &policy);
  if (!made.ok()) throw std::runtime_error("RocksDB: " + made.ToString());
  return policy;
}

}  // namespace

ReadCache read_cache(std::uint64_t bytes) {
  const int shard_bits = static_cast<int>(std::bit_width(bytes / kCacheShardBytesMin));
  return rocksdb::NewLRUCache(bytes, std::clamp(shard_bits - 1, 0, kCacheShardBitsMax));
}

rocksdb::DBOptions database_options() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.paranoid_checks = true;
  // A record that a crash cut short ends the log; any other damage is an error, not a reason to forget what follows.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.skip_stats_update_on_db_open = true;  // reads every file when the store starts
  options.max_total_wal_size = kLogBytesMax;
  return options;
}

rocksdb::ColumnFamilyOptions record_options(const ReadCache& cache) {
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(cache)));
  return options;
}

rocksdb::ColumnFamilyOptions object_options(const ReadCache& cache) {
  rocksdb::ColumnFamilyOptions options = record_options(cache);
  options.compression = rocksdb::kNoCompression;  // elements of tensors do not compress
  options.enable_blob_files = true;
  options.min_blob_size = kBlobBytesMin;
  options.blob_file_size = kBlobFileBytes;
  options.enable_blob_garbage_collection = true;
  options.blob_cache = cache;  // also because a blob's checksum is CRC32C without hardware
  return options;
}

rocksdb::ColumnFamilyOptions chunk_options(const ReadCache& cache) {
  rocksdb::ColumnFamilyOptions options;
  rocksdb::BlockBasedTableOptions table = table_options(cache);
  table.filter_policy.reset();  // who asks for a chunk knows that it is there
  table.flush_block_policy_factory = block_of_each_key();
  table.block_size = kChunkBlockBytes;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compression = rocksdb::kNoCompression;
  // Files come sorted, never overlap, and are dropped whole.
  options.disable_auto_compactions = true;
  return options;
}

rocksdb::Options chunk_file_options(rocksdb::Env& env) {
  rocksdb::Options options(database_options(), chunk_options(nullptr));
  options.env = &env;
  options.db_host_id.clear();  // would be asked for with each file
  return options;
}

}  // namespace sconce::server::storage
