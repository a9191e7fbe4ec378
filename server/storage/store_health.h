#pragma once

#include <cstdint>

namespace sconce::server::storage {

/// What a store serves at this moment. Deletes may be taken while other writes are not, so that they make room.
/// Threads: as a value.
struct StoreHealth {
  /// What keeps it from serving all.
  enum class Trouble : std::uint8_t {
    none,
    reopening,       ///< Its files are being opened again after a failure, or could not be.
    disk_full,       ///< What stores an object has no space; deletes are taken if the log can be written.
    no_descriptors,  ///< The process has no file descriptors left; it comes back by itself.
    write_failed,    ///< The disk failed to write. Nothing is written before a restart.
  };

  bool reads = true;   ///< Objects can be read.
  bool writes = true;  ///< Objects can be stored.
  Trouble trouble = Trouble::none;
};

}  // namespace sconce::server::storage
