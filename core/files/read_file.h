#pragma once

#include <filesystem>
#include <string>

#include "core/error.h"

namespace sconce::core {

/// All that a regular file holds, for what is small. Threads: no state. Errors: not_found, io_error.
Result<std::string> read_file(const std::filesystem::path& path);

}  // namespace sconce::core
