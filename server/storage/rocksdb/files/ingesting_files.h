#pragma once

#include <rocksdb/file_system.h>

#include <memory>

namespace sconce::server::storage {

/// A file system that does not sync again what is taken in. RocksDB syncs each table file that `IngestExternalFile`
/// links into its directory, one after the other, since it does not know whether that has been done. It has: a file of
/// chunks is synced when it ends, by the thread that wrote it, while others sync theirs. The new names are synced with
/// the directory. `files` does all else. Threads: safe from many, as `files`.
std::shared_ptr<rocksdb::FileSystem> ingesting_files(const std::shared_ptr<rocksdb::FileSystem>& files);

}  // namespace sconce::server::storage
