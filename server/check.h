#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "core/error.h"

namespace sconce::server {

struct CheckedData {
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
  std::uint64_t damages = 0;
  std::uint64_t unwritten_bytes = 0;  // at the end of the log; the next start drops them
};

/// Reads every byte of a data directory that no server has open, and changes nothing. `found` is told of each damage:
/// where it is, and the error. Threads: the caller's alone; a server is kept away meanwhile. Errors: not_found,
/// io_error (in use, no access, a newer layout), corrupt (it cannot be opened at all).
core::Result<CheckedData> check_data(const std::filesystem::path& directory,
                                     const std::function<void(const std::string& where, const core::Error&)>& found);

}  // namespace sconce::server
