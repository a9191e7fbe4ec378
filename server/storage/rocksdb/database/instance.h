#pragma once

#include <rocksdb/db.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>

#include "server/storage/rocksdb/files/status.h"
#include "server/storage/rocksdb/files/volume_sizes.h"
#include "server/storage/store.h"

namespace sconce::server::storage {

/// The errors that RocksDB had in the background. After one it writes no more, and reads go on. Threads: safe from
/// many.
struct RocksdbFailure {
  std::atomic<bool> happened = false;
  std::atomic<bool> only_shortage = true;  // of space or descriptors, which ends
  std::atomic<bool> shortage_of_space = false;
};

/// What is told where RocksDB cannot open the files in `directory`, or lock them.
core::Error open_error(const rocksdb::Status& status, const std::filesystem::path& directory);

/// RocksDB, open, with the column families of a store (database.h). Threads: RocksDB is safe from many; what changes
/// the fields beside it is called by one at a time.
struct RocksdbInstance {
  enum class Mode : std::uint8_t {
    read_write,
    /// To be written, on a disk that is full: what is in the log stays there, and in memory, until `end_tight`. Takes
    /// little more than a new manifest.
    tight,
    read_only,
  };

  struct Surroundings {
    rocksdb::Env& env;
    std::shared_ptr<rocksdb::Logger> log;
    std::shared_ptr<rocksdb::Cache> cache;
    std::uint64_t write_buffer_bytes;
    VolumeSizes sizes;
    int tables_open_max;  // descriptors
    /// Called, from any thread, where a compaction found no space. That leaves all as it was, and is no failure.
    std::function<void()> compaction_failed;
    std::function<void()> failed;  ///< `failure` says how. From any thread, under RocksDB's lock.
  };

  /// Errors: io_error (no access, in use by another process, not a Sconce directory), corrupt, no_space.
  static Result<std::unique_ptr<RocksdbInstance>> open(const std::filesystem::path& directory,
                                                       const Surroundings& surroundings, Mode mode);
  ~RocksdbInstance();
  RocksdbInstance(const RocksdbInstance&) = delete;
  RocksdbInstance& operator=(const RocksdbInstance&) = delete;

  /// Whether RocksDB compacts by itself.
  void set_compactions(bool on);
  /// Writes what is in memory to files, and takes the usual sizes. Errors: it stays tight.
  Status end_tight();

  std::unique_ptr<rocksdb::DB> db;
  rocksdb::ColumnFamilyHandle* general = nullptr;
  rocksdb::ColumnFamilyHandle* meta = nullptr;
  rocksdb::ColumnFamilyHandle* objects = nullptr;
  rocksdb::ColumnFamilyHandle* garbage = nullptr;
  rocksdb::ColumnFamilyHandle* chunks = nullptr;
  rocksdb::ColumnFamilyHandle* uploads = nullptr;
  std::shared_ptr<RocksdbFailure> failure;
  bool is_tight = false;
  bool has_compactions_off = false;

 private:
  RocksdbInstance() = default;

  std::uint64_t write_buffer_bytes_ = 0;  // of one family, but where it is tight
};

}  // namespace sconce::server::storage
