#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "server/storage/store.h"

namespace rocksdb {
class FileSystem;
}

namespace sconce::server::storage {

/// One thing that is damaged, and what becomes of it.
struct RepairFinding {
  enum class Kind : std::uint8_t {
    lost_log,        // a part of the log: what was written there is lost
    lost_object,     // its key is removed
    mended_object,   // its bytes are whole; a record beside it is written anew
    damaged_file,    // told for the objects in it; nothing is done to the file itself
    not_repairable,  // more is damaged than can be repaired
  };
  Kind kind = Kind::lost_object;
  std::string where;  // the key, or the file with its bytes
  core::Error error;
};

struct RepairedStore {
  std::uint64_t objects = 0;  // that are whole
  std::uint64_t bytes = 0;    // of them
  std::uint64_t lost_objects = 0;
  std::uint64_t mended_objects = 0;
  std::uint64_t lost_log_parts = 0;
  std::uint64_t not_repairable = 0;
  std::uint64_t unwritten_bytes = 0;  // as in CheckedStore
  std::filesystem::path removed;      // where copies of damaged files are; empty if there are none

  bool found_damage() const { return lost_objects + mended_objects + lost_log_parts + not_repairable > 0; }
};

/// Whether a repair only tells what it would do. It then changes nothing.
enum class RepairMode : std::uint8_t { tell, apply };

/// Saves what can be saved of a store that is damaged, and tells the rest. Records of the log that are whole are kept,
/// also those after a damaged part; objects whose bytes are damaged are removed. Damaged logs, and damaged files of
/// chunks, stay in the folder `removed-by-repair` of the directory. What is done is durable when it returns, and can be
/// begun again whenever it is interrupted. `files`: on which RocksDB works; its own, if it is null.
/// Threads: the caller's alone; a server is kept away meanwhile.
/// Errors: not_found (no store), io_error (in use by a server, a newer layout), corrupt (it cannot be opened at all).
Result<RepairedStore> repair_rocksdb_store(const std::filesystem::path& directory, RepairMode mode,
                                           const std::function<void(const RepairFinding&)>& found,
                                           const std::shared_ptr<rocksdb::FileSystem>& files = nullptr);

}  // namespace sconce::server::storage
