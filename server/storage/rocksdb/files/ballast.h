#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>

#include "core/error.h"

namespace sconce::server::storage {

/// A file that holds space for when the disk is full: what it takes is given back where the database could not be
/// opened without, and taken again once there is enough. Threads: `bytes` from any, all else by one at a time.
class Ballast {
 public:
  /// `file` may be there from before; a symbolic link is not followed.
  Ballast(std::filesystem::path file, std::uint64_t bytes_wanted);

  /// What it holds now.
  std::uint64_t bytes() const { return bytes_; }
  /// What it lacks.
  std::uint64_t missing_bytes() const { return bytes_wanted_ - bytes_; }

  /// Takes the space that it lacks. What could not be had whole is given back. Errors: no_space, io_error.
  core::Status take();
  /// Gives its space back. Takes no space itself. Returns whether there was any.
  bool give_up();

 private:
  const std::filesystem::path file_;
  const std::uint64_t bytes_wanted_;
  std::atomic<std::uint64_t> bytes_ = 0;
};

}  // namespace sconce::server::storage
