#pragma once

#include <rocksdb/status.h>

#include <string_view>

#include "core/error.h"

namespace sconce::server::storage {

/// The one door through which RocksDB's statuses become errors. `doing` says what was being done, for the log.
/// Threads: no state.
core::Error error_from(const rocksdb::Status& status, std::string_view doing);

/// What there was too little of: of that there may be enough again, and nothing is broken. Space also where a quota
/// ends it.
enum class Shortage : std::uint8_t { none, space, descriptors };
Shortage shortage_of(const rocksdb::Status& status);

/// The database could not be opened again after the disk was full, or there were no descriptors.
std::unexpected<core::Error> not_open();

}  // namespace sconce::server::storage
