#pragma once

#include <rocksdb/options.h>
#include <rocksdb/status.h>
#include <rocksdb/write_batch.h>

namespace rocksdb {
class DB;
}

namespace sconce::server::storage {

/// Every batch of a store is written here. Threads: safe from many, each with its own batch; RocksDB writes those that
/// come together as one, on the thread of one of them.
rocksdb::Status write_batch(rocksdb::DB& db, const rocksdb::WriteOptions& options, rocksdb::WriteBatch& batch);

}  // namespace sconce::server::storage
