#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/options.h>

#include <cstdint>
#include <memory>

namespace sconce::server::storage {

/// For what has been read: records, small objects, chunks. Null: none. Threads: safe from many.
using ReadCache = std::shared_ptr<rocksdb::Cache>;
/// One that holds up to `bytes`, and what is in use.
ReadCache read_cache(std::uint64_t bytes);

rocksdb::DBOptions database_options();
rocksdb::ColumnFamilyOptions record_options(const ReadCache& cache);  ///< For small records that are looked up by key.
rocksdb::ColumnFamilyOptions object_options(const ReadCache& cache);  ///< For the bytes of small objects.
rocksdb::ColumnFamilyOptions chunk_options(const ReadCache& cache);   ///< For the chunks of large ones.

/// For the files of chunks, before they are taken in. `env` is borrowed.
rocksdb::Options chunk_file_options(rocksdb::Env& env);

}  // namespace sconce::server::storage
