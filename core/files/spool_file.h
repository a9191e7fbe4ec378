#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "core/bytes/spool.h"

namespace sconce::core {

/// A file without a name in `directory`, which goes with this and is read as FileSource reads. More than `bytes_max`
/// are limit_exceeded. Threads: no state. Errors: io_error, no_space.
Result<std::unique_ptr<Spool>> make_spool_file(const std::filesystem::path& directory, std::uint64_t bytes_max);

}  // namespace sconce::core
