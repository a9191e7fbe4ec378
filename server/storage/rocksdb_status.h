#pragma once

#include <rocksdb/status.h>

#include <string_view>

#include "core/error.h"

namespace sconce::server::storage {

/// The one door through which RocksDB's statuses become errors. `doing` says what was being done, for the log.
core::Error error_from(const rocksdb::Status& status, std::string_view doing);

/// The database could not be opened again after its disk was full.
std::unexpected<core::Error> not_open();

}  // namespace sconce::server::storage
