#pragma once

#include <rocksdb/db.h>

#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

#include "server/storage/key_cursor.h"
#include "server/storage/stored_object.h"

namespace sconce::server::storage {

/// The open RocksDB and its column families:
///
///   default   `layout` -> the version of this layout, as text; `last` -> the greatest revision so far
///   meta      key -> stored_object.h
///   objects   revision -> the bytes of a small object, from 4 KiB on in blob files
///   chunks    rocksdb_chunk_files.h -> the bytes of large objects, in files that were taken in whole
///   uploads   upload -> nothing: its chunks belong to an object, or to garbage. Chunks of others are a crash's.
///   garbage   revision -> nothing, or the upload of its chunks: no key names it any more, and its bytes may still be
///             there
///
/// Threads: safe from many.
class RocksdbDatabase {
 public:
  /// Creates the directory if there is none, and drops what a crash left of uploads. Errors: io_error (no access, in
  /// use by another process, not a Sconce directory, a newer layout), corrupt, no_space.
  static Result<std::unique_ptr<RocksdbDatabase>> open(const std::filesystem::path& directory);
  ~RocksdbDatabase();
  RocksdbDatabase(const RocksdbDatabase&) = delete;
  RocksdbDatabase& operator=(const RocksdbDatabase&) = delete;

  Result<std::optional<StoredObject>> object_at(const std::string& key);

  /// Lifetime: not longer than the database.
  std::unique_ptr<KeyCursor> keys();

  /// The bytes of a small object. Errors: corrupt, also where they are missing.
  Status value_of(const Revision& revision, rocksdb::PinnableSlice& bytes);

  /// One chunk of a large one. Errors: the same.
  Status chunk_of(const Revision& upload, std::uint64_t number, rocksdb::PinnableSlice& bytes);

  /// The greatest revision that was ever written; zero if there is none.
  Result<Revision> last_revision();

  Result<std::vector<Garbage>> garbage();
  Status drop(std::span<const Garbage> garbage);

  /// Takes files of chunks in; they are on the disk when it returns.
  Status ingest(const std::vector<std::string>& files);
  /// Where files of chunks are made.
  const std::filesystem::path& uploads_directory() const { return uploads_directory_; }

  /// `bytes` are those of a small object; a large one's have been taken in.
  void put_object(rocksdb::WriteBatch& batch, const std::string& key, const StoredObject& object,
                  std::string_view bytes);
  void delete_key(rocksdb::WriteBatch& batch, const std::string& key);
  void mark_garbage(rocksdb::WriteBatch& batch, const Garbage& garbage);

  /// Returns when the batch is on the disk.
  Status write_synced(rocksdb::WriteBatch& batch);

 private:
  RocksdbDatabase() = default;
  Status check_layout();
  Status empty_uploads_directory();
  Status drop_unknown_uploads();
  Status drop_chunks(const std::vector<Revision>& uploads);

  std::filesystem::path uploads_directory_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* default_ = nullptr;
  rocksdb::ColumnFamilyHandle* meta_ = nullptr;
  rocksdb::ColumnFamilyHandle* objects_ = nullptr;
  rocksdb::ColumnFamilyHandle* garbage_ = nullptr;
  rocksdb::ColumnFamilyHandle* chunks_ = nullptr;
  rocksdb::ColumnFamilyHandle* uploads_ = nullptr;
};

}  // namespace sconce::server::storage
