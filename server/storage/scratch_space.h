#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/error.h"

namespace sconce::server::storage {

/// Room on a volume for one temporary file. Lifetime: not longer than its ScratchSpace. Threads: one at a time.
class DiskRoom {
 public:
  virtual ~DiskRoom() = default;
  /// So many bytes are about to be written. Errors: no_space.
  virtual core::Status take(std::uint64_t bytes) = 0;
  /// The volume had no space for them all the same.
  virtual void failed() = 0;
};

/// The volume on which temporary files are written beside the data. Nearly full, it has no room for them, so that what
/// is kept comes before what nobody keeps. Threads: safe from many.
class ScratchSpace {
 public:
  virtual ~ScratchSpace() = default;

  /// Room for one file. `size_hint` is the number of bytes that will come, where it is known; fewer or more may.
  /// Errors: no_space; unavailable (too many files are open).
  virtual core::Result<std::unique_ptr<DiskRoom>> disk_room(std::optional<std::uint64_t> size_hint) = 0;
};

}  // namespace sconce::server::storage
