#pragma once

#include <filesystem>
#include <span>

#include "core/error.h"

namespace sconce::core {

/// Writes all of `bytes` to a descriptor; `path` is for the message. Threads: no state. Errors: io_error, no_space.
Status write_all(int fd, std::span<const std::byte> bytes, const std::filesystem::path& path);

}  // namespace sconce::core
