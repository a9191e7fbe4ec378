#pragma once

#include <filesystem>

#include "core/error.h"

namespace sconce::core {

/// Makes what was created, renamed or removed in `directory` durable. Threads: no state. Errors: not_found, io_error,
/// no_space.
Status sync_directory(const std::filesystem::path& directory);

}  // namespace sconce::core
