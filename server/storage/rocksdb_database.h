#pragma once

#include <rocksdb/db.h>

#include <filesystem>
#include <memory>
#include <span>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// The open RocksDB and its column families:
///
///   default   `layout` -> the version of this layout, as text; `last` -> the greatest revision so far
///   meta      key -> meta_record.h
///   objects   revision -> the object's bytes, in blob files
///   garbage   revision -> nothing: no key names it any more, and its bytes may still be there
///
/// Threads: safe from many.
class RocksdbDatabase {
 public:
  /// Creates the directory if there is none. Errors: io_error (no access, in use by another process, not a Sconce
  /// directory, a newer layout), corrupt, no_space.
  static Result<std::unique_ptr<RocksdbDatabase>> open(const std::filesystem::path& directory);
  ~RocksdbDatabase();
  RocksdbDatabase(const RocksdbDatabase&) = delete;
  RocksdbDatabase& operator=(const RocksdbDatabase&) = delete;

  Result<std::optional<ObjectMeta>> meta_of(const std::string& key);

  /// Errors: corrupt, also where the bytes are missing or are not those that the hash was made of.
  Status object_of(const ObjectMeta& meta, rocksdb::PinnableSlice& bytes);

  /// The greatest revision that was ever written; zero if there is none.
  Result<Revision> last_revision();

  Result<std::vector<Revision>> garbage();
  Status drop(std::span<const Revision> revisions);

  void put_object(rocksdb::WriteBatch& batch, const std::string& key, const ObjectMeta& meta, const std::string& bytes);
  void delete_key(rocksdb::WriteBatch& batch, const std::string& key);
  void mark_garbage(rocksdb::WriteBatch& batch, const Revision& revision);

  /// Returns when the batch is on the disk.
  Status write_synced(rocksdb::WriteBatch& batch);

 private:
  RocksdbDatabase() = default;
  Status check_layout();

  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* default_ = nullptr;
  rocksdb::ColumnFamilyHandle* meta_ = nullptr;
  rocksdb::ColumnFamilyHandle* objects_ = nullptr;
  rocksdb::ColumnFamilyHandle* garbage_ = nullptr;
};

}  // namespace sconce::server::storage
