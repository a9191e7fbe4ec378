#pragma once

#include <memory>

#include "server/storage/engine.h"
#include "server/storage/rocksdb/database/store_options.h"

namespace sconce::server::storage {

/// The store on RocksDB, with small objects in memory by key. Drops what an earlier process left as garbage, before it
/// returns. Where the disk is full it is opened all the same, to be read, and comes back by itself.
/// Lifetime: what `options` call is called until the store is gone.
/// Threads: safe from many, as its interfaces say; it has some of its own for commits, garbage, space and compaction.
/// Errors: io_error (no access, in use by another process, a newer layout), corrupt, no_space.
Result<std::unique_ptr<StorageEngine>> open_rocksdb_store(RocksdbStoreOptions options);

}  // namespace sconce::server::storage
