#pragma once

#include <rocksdb/env.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "server/storage/rocksdb/database/instance.h"
#include "server/storage/rocksdb/files/ballast.h"
#include "server/storage/rocksdb/files/free_space.h"
#include "server/storage/rocksdb/files/space_news.h"
#include "server/storage/rocksdb/files/volume_sizes.h"

namespace sconce::server::storage {

/// The room that a database has on its volume, and what makes some while there is none: docs/decisions/0040.
/// Threads: `free` and `compaction_failed` from any; `note_unflushed` and `kept_open` from who commits; `keep` from one
/// at a time.
class RocksdbSpace {
 public:
  /// `env` is borrowed. `tell` is for the log, called from any thread; so is `wake`, when `keep` is to be called.
  struct Surroundings {
    rocksdb::Env& env;
    std::function<void(const std::string&)> tell;
    std::function<void()> wake;
  };
  RocksdbSpace(const std::filesystem::path& directory, Surroundings surroundings);

  const VolumeSizes& sizes() const { return sizes_; }
  FreeSpace& free() { return free_; }
  Ballast& ballast() { return ballast_; }

  /// For what is in the log, which a usual start writes to files of its own, and for new files.
  bool has_space_to_open() const;
  /// For new files.
  bool has_any_space() const;
  /// Of the volume, whoever may take them; nothing where that cannot be told.
  std::optional<std::uint64_t> free_bytes() const;

  /// What a flush of `instance` would write counts as kept.
  void note_unflushed(RocksdbInstance& instance);

  /// A compaction did not find the space that it needed.
  void compaction_failed();

  /// Makes room where the volume is full, and takes the ballast again where it no longer is. `dropped`: how often
  /// something was deleted so far. Ends early once `stopping`. Returns whether it is to be called again after a while.
  bool keep(RocksdbInstance& instance, std::uint64_t dropped, std::atomic<bool>& stopping);

 private:
  void make_room(RocksdbInstance& instance, std::uint64_t dropped, std::atomic<bool>& stopping);
  void take_ballast();
  bool is_room_wanted() const;
  void allow_compactions(RocksdbInstance& instance, bool allowed);

  const std::filesystem::path directory_;
  const Surroundings surroundings_;
  const VolumeSizes sizes_;
  Ballast ballast_;
  SpaceNews news_;
  std::atomic<std::uint64_t> unflushed_bytes_ = 0;
  FreeSpace free_;
  std::uint64_t dropped_ = ~std::uint64_t{0};  // when room was made last
  std::uint64_t reclaimed_;  // the same, at the last time; a store that was there before may have something to reclaim
  std::atomic<std::chrono::steady_clock::rep> room_wanted_until_ = std::chrono::steady_clock::duration::min().count();
  bool was_full_ = false;  // then
  std::chrono::steady_clock::time_point made_room_at_;
  std::chrono::steady_clock::duration took_{};
  std::atomic<std::uint32_t> failures_ = 0;  // of compactions
  std::uint32_t failures_seen_ = 0;
  std::chrono::steady_clock::time_point no_compactions_until_;
};

}  // namespace sconce::server::storage
