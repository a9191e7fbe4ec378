#pragma once

#include <filesystem>

#include "core/error.h"

namespace rocksdb {
class Env;
}

namespace sconce::server::storage {

/// Whether the database in `directory`, which has a file CURRENT, is a store of Sconce's in a layout that this program
/// knows. To be asked before the lock is taken, since that makes a file: docs/decisions/0042. Writes nothing; reads the
/// log only where no file LOCK says that a store was opened there. What is damaged is not judged here if the directory
/// has one: to open it tells more.
/// Threads: no state. Errors: io_error, corrupt, with what was found and what to do.
core::Status check_ownership(rocksdb::Env& env, const std::filesystem::path& directory);

}  // namespace sconce::server::storage
