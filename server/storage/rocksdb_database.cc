#include "server/storage/rocksdb_database.h"

#include <rocksdb/write_batch.h>

#include <cstring>

#include "server/storage/content_hasher.h"
#include "server/storage/meta_record.h"
#include "server/storage/rocksdb_options.h"
#include "server/storage/rocksdb_status.h"

namespace sconce::server::storage {

namespace {

constexpr std::string_view kLayoutKey = "layout";
constexpr std::string_view kLayoutVersion = "1";
constexpr std::string_view kLastRevisionKey = "last";

rocksdb::Slice slice_of(const Revision& revision) {
  return {reinterpret_cast<const char*>(revision.bytes.data()), revision.bytes.size()};
}

Result<Revision> revision_of(rocksdb::Slice key) {
  Revision revision;
  if (key.size() != revision.bytes.size()) return core::fail(core::ErrorCode::corrupt, "a revision has a wrong size");
  std::memcpy(revision.bytes.data(), key.data(), key.size());
  return revision;
}

core::Error open_error(const rocksdb::Status& status, const std::filesystem::path& directory) {
  core::Error error = error_from(status, "cannot open `" + directory.string() + "`");
  // RocksDB has no code of its own for a lock that is held.
  if (status.IsIOError() && error.what.find("/LOCK: ") != std::string::npos) {
    error.what += "; is it in use by another process?";
  }
  return error;
}

/// WriteBatch only fails where a limit was set for it, and none was.
void must(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error("write batch: " + status.ToString());
}

}  // namespace

Result<std::unique_ptr<RocksdbDatabase>> RocksdbDatabase::open(const std::filesystem::path& directory) {
  std::error_code made;
  std::filesystem::create_directories(directory, made);
  if (made) {
    return core::fail(core::ErrorCode::io_error, "cannot create `" + directory.string() + "`: " + made.message());
  }
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = {{rocksdb::kDefaultColumnFamilyName, record_options()},
                                                                 {"meta", record_options()},
                                                                 {"objects", object_options()},
                                                                 {"garbage", record_options()}};
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened = rocksdb::DB::Open(database_options(), directory.string(), families, &handles, &db);
  if (!opened.ok()) return std::unexpected(open_error(opened, directory));
  std::unique_ptr<RocksdbDatabase> database(new RocksdbDatabase);
  database->db_.reset(db);
  database->default_ = handles[0];
  database->meta_ = handles[1];
  database->objects_ = handles[2];
  database->garbage_ = handles[3];
  if (Status checked = database->check_layout(); !checked) return std::unexpected(std::move(checked.error()));
  return database;
}

RocksdbDatabase::~RocksdbDatabase() {
  for (rocksdb::ColumnFamilyHandle* family : {default_, meta_, objects_, garbage_}) {
    if (family != nullptr) db_->DestroyColumnFamilyHandle(family);
  }
}

Status RocksdbDatabase::check_layout() {
  std::string version;
  const rocksdb::Status read = db_->Get({}, default_, rocksdb::Slice(kLayoutKey), &version);
  if (read.IsNotFound()) {
    rocksdb::WriteBatch batch;
    must(batch.Put(default_, rocksdb::Slice(kLayoutKey), rocksdb::Slice(kLayoutVersion)));
    return write_synced(batch);
  }
  if (!read.ok()) return std::unexpected(error_from(read, "cannot read the layout's version"));
  if (version == kLayoutVersion) return {};
  return core::fail(core::ErrorCode::io_error, "the data has layout " + version + ", and this program knows layout " +
                                                   std::string(kLayoutVersion) + "; use a newer program");
}

Result<std::optional<ObjectMeta>> RocksdbDatabase::meta_of(const std::string& key) {
  rocksdb::PinnableSlice record;
  const rocksdb::Status read = db_->Get({}, meta_, key, &record);
  if (read.IsNotFound()) return std::nullopt;
  if (!read.ok()) return std::unexpected(error_from(read, "cannot read a meta record"));
  Result<ObjectMeta> meta = decode_meta(record.ToStringView());
  if (!meta) return std::unexpected(std::move(meta.error()));
  return *meta;
}

Status RocksdbDatabase::object_of(const ObjectMeta& meta, rocksdb::PinnableSlice& bytes) {
  const rocksdb::Status read = db_->Get({}, objects_, slice_of(meta.revision), &bytes);
  if (read.IsNotFound()) return core::fail(core::ErrorCode::corrupt, "the bytes of a revision are missing");
  if (!read.ok()) return std::unexpected(error_from(read, "cannot read an object"));
  if (bytes.size() == meta.size_bytes &&
      hash_of(std::as_bytes(std::span(bytes.data(), bytes.size()))) == meta.content_hash) {
    return {};
  }
  return core::fail(core::ErrorCode::corrupt, "an object's bytes are not what was written");
}

// Not by the last key of `objects`: an iterator there reads the object too, and a damaged one would keep the store
// shut.
Result<Revision> RocksdbDatabase::last_revision() {
  std::string last;
  const rocksdb::Status read = db_->Get({}, default_, rocksdb::Slice(kLastRevisionKey), &last);
  if (read.IsNotFound()) return Revision{};
  if (!read.ok()) return std::unexpected(error_from(read, "cannot read the last revision"));
  return revision_of(last);
}

Result<std::vector<Revision>> RocksdbDatabase::garbage() {
  std::vector<Revision> revisions;
  const std::unique_ptr<rocksdb::Iterator> each(db_->NewIterator({}, garbage_));
  for (each->SeekToFirst(); each->Valid(); each->Next()) {
    const Result<Revision> revision = revision_of(each->key());
    if (!revision) return std::unexpected(revision.error());
    revisions.push_back(*revision);
  }
  if (!each->status().ok()) return std::unexpected(error_from(each->status(), "cannot read the garbage"));
  return revisions;
}

Status RocksdbDatabase::drop(std::span<const Revision> revisions) {
  rocksdb::WriteBatch batch;
  for (const Revision& revision : revisions) {
    must(batch.Delete(objects_, slice_of(revision)));
    must(batch.Delete(garbage_, slice_of(revision)));
  }
  // Not synced: what a crash forgets here is still marked as garbage, and dropped at the next start.
  const rocksdb::Status written = db_->Write({}, &batch);
  if (!written.ok()) return std::unexpected(error_from(written, "cannot drop what was overwritten"));
  return {};
}

void RocksdbDatabase::put_object(rocksdb::WriteBatch& batch, const std::string& key, const ObjectMeta& meta,
                                 const std::string& bytes) {
  must(batch.Put(objects_, slice_of(meta.revision), bytes));
  must(batch.Put(meta_, key, encode_meta(meta)));
  must(batch.Put(default_, rocksdb::Slice(kLastRevisionKey), slice_of(meta.revision)));
}

void RocksdbDatabase::delete_key(rocksdb::WriteBatch& batch, const std::string& key) { must(batch.Delete(meta_, key)); }

void RocksdbDatabase::mark_garbage(rocksdb::WriteBatch& batch, const Revision& revision) {
  must(batch.Put(garbage_, slice_of(revision), {}));
}

Status RocksdbDatabase::write_synced(rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions options;
  options.sync = true;
  const rocksdb::Status written = db_->Write(options, &batch);
  if (!written.ok()) return std::unexpected(error_from(written, "cannot commit"));
  return {};
}

}  // namespace sconce::server::storage
