#pragma once

#include <rocksdb/db.h>

#include <atomic>
#include <filesystem>
#include <memory>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// What RocksDB told of errors in the background. After one it writes no more, and reads go on.
struct RocksdbFailure {
  std::atomic<bool> happened = false;
  std::atomic<bool> only_no_space = true;  // it can be left behind
};

/// RocksDB, open, with the column families of a store (rocksdb_database.h).
struct RocksdbInstance {
  enum class Mode : std::uint8_t { read_write, read_only };

  struct Surroundings {
    rocksdb::Env& env;
    std::shared_ptr<rocksdb::Logger> log;
    std::shared_ptr<rocksdb::Cache> cache;
    std::uint64_t write_buffer_bytes;
  };

  /// Errors: io_error (no access, in use by another process, not a Sconce directory), corrupt, no_space.
  static Result<std::unique_ptr<RocksdbInstance>> open(const std::filesystem::path& directory,
                                                       const Surroundings& surroundings, Mode mode);
  ~RocksdbInstance();
  RocksdbInstance(const RocksdbInstance&) = delete;
  RocksdbInstance& operator=(const RocksdbInstance&) = delete;

  std::unique_ptr<rocksdb::DB> db;
  rocksdb::ColumnFamilyHandle* general = nullptr;
  rocksdb::ColumnFamilyHandle* meta = nullptr;
  rocksdb::ColumnFamilyHandle* objects = nullptr;
  rocksdb::ColumnFamilyHandle* garbage = nullptr;
  rocksdb::ColumnFamilyHandle* chunks = nullptr;
  rocksdb::ColumnFamilyHandle* uploads = nullptr;
  std::shared_ptr<RocksdbFailure> failure;

 private:
  RocksdbInstance() = default;
};

}  // namespace sconce::server::storage
