#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "server/storage/rocksdb/database/stored_object.h"
#include "server/storage/rocksdb/revision_pins.h"

namespace sconce::server::storage {

struct CheckedStore {
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;    // of them
  std::uint64_t damages = 0;  // 0: all of it is as it was written
  /// At the end of the log: a crash kept them from being written whole, nothing that was acknowledged is in them, and
  /// the next start drops them.
  std::uint64_t unwritten_bytes = 0;
};

/// Reads every byte that a store of RocksDB holds, and changes nothing: each object against its size and content hash,
/// and every block of every file against its checksum, whether a key names it or not. Bytes in blob files that nobody
/// names any more are passed over. `found` is called with each damage: the key or the file, and the error.
/// Threads: the caller's alone; a server is kept away meanwhile.
/// Errors: io_error (no access, in use by a server, a newer layout), corrupt (it cannot be opened at all).
Result<CheckedStore> check_rocksdb_store(
    const std::filesystem::path& directory,
    const std::function<void(const std::string& where, const core::Error&)>& found);

class RocksdbDatabase;

/// Reads all bytes of one object. Errors: corrupt, io_error.
Status read_whole_object(RocksdbDatabase& database, const StoredObject& object, RevisionPins& pins);

}  // namespace sconce::server::storage
