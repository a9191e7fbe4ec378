#pragma once

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

#include "core/error.h"

namespace sconce::core {

/// The error of a file system call that failed with `errno_value`: not_found, no_space or io_error. Threads: no state.
inline Error file_error(int errno_value, const std::string& doing, const std::filesystem::path& path) {
  ErrorCode code = ErrorCode::io_error;
  if (errno_value == ENOENT) code = ErrorCode::not_found;
  if (errno_value == ENOSPC || errno_value == EDQUOT) code = ErrorCode::no_space;
  return {.code = code, .what = doing + " " + path.string() + ": " + std::generic_category().message(errno_value)};
}

}  // namespace sconce::core
