#pragma once

#include <rocksdb/options.h>

namespace sconce::server::storage {

rocksdb::DBOptions database_options();
rocksdb::ColumnFamilyOptions record_options();  ///< For small records that are looked up by key.
rocksdb::ColumnFamilyOptions object_options();  ///< For the objects' bytes.

}  // namespace sconce::server::storage
