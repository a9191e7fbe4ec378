#pragma once

#include <rocksdb/env.h>

#include <functional>
#include <memory>

#include "core/error.h"

namespace sconce::server::storage {

/// Takes the place of RocksDB's own log, a file beside the data: once the disk was full under it, RocksDB 7.8.3 ends
/// the process when it writes its next line. Passes on the errors, as io_error; all else is dropped.
/// Threads: `report` is called on any.
std::shared_ptr<rocksdb::Logger> rocksdb_log(std::function<void(const core::Error&)> report);

}  // namespace sconce::server::storage
