#pragma once

#include <rocksdb/options.h>

namespace sconce::server::storage {

rocksdb::DBOptions database_options();
rocksdb::ColumnFamilyOptions record_options();  ///< For small records that are looked up by key.
rocksdb::ColumnFamilyOptions object_options();  ///< For the bytes of small objects.
rocksdb::ColumnFamilyOptions chunk_options();   ///< For the chunks of large ones.

/// For the files of chunks, before they are taken in. `env` is borrowed.
rocksdb::Options chunk_file_options(rocksdb::Env& env);

}  // namespace sconce::server::storage
