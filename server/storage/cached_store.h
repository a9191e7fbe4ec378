#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// A store that can tell what it has in memory, so that it is read without a wait.
///
/// Threads: as Store; the functions below do not block, so that they may be called on an I/O thread.
/// Errors: none; where something fails, the answer is nothing, and `open` has the error.
class CachedStore : public Store {
 public:
  /// What `open` gives, null included, if that and all bytes of the revision are in memory, and they are at most a few
  /// MiB: reading it does not block either. Nothing where they are not, or that is not known.
  virtual std::optional<std::unique_ptr<RevisionReader>> open_in_memory(const std::string& key) = 0;

  /// `open_in_memory` of each key, as they stand at one moment, in fewer reads; nothing if it is nothing for one of
  /// them, or if together they have more than `bytes_max`.
  virtual std::optional<std::vector<std::unique_ptr<RevisionReader>>> open_many_in_memory(
      std::span<const std::string> keys, std::uint64_t bytes_max) = 0;
};

}  // namespace sconce::server::storage
