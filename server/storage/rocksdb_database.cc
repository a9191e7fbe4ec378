#include "server/storage/rocksdb_database.h"

#include <rocksdb/convenience.h>
#include <rocksdb/write_batch.h>

#include <cstring>
#include <set>

#include "server/storage/rocksdb_chunk_files.h"
#include "server/storage/rocksdb_options.h"
#include "server/storage/rocksdb_status.h"

namespace sconce::server::storage {

namespace {

constexpr std::string_view kLayoutKey = "layout";
constexpr std::string_view kLayoutVersion = "2";
constexpr std::string_view kLayoutWithoutChunks = "1";  // all that it has means the same now
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

rocksdb::Status read_value(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, const rocksdb::ReadOptions& options,
                           const rocksdb::Slice& key, rocksdb::PinnableSlice& bytes) {
  bytes.Reset();
  return db.Get(options, family, key, &bytes);
}

Status bytes_read(const rocksdb::Status& read) {
  if (read.ok()) return {};
  if (read.IsNotFound()) return core::fail(core::ErrorCode::corrupt, "the bytes of an object are missing");
  return std::unexpected(error_from(read, "cannot read an object"));
}

class RocksdbCursor final : public KeyCursor {
 public:
  explicit RocksdbCursor(std::unique_ptr<rocksdb::Iterator> iterator) : iterator_(std::move(iterator)) {}
  void seek(std::string_view key) override { iterator_->Seek(rocksdb::Slice(key.data(), key.size())); }
  void next() override { iterator_->Next(); }
  bool valid() const override { return iterator_->Valid(); }
  std::string_view key() const override { return iterator_->key().ToStringView(); }
  Result<ObjectMeta> meta() const override {
    Result<StoredObject> object = decode_object(iterator_->value().ToStringView());
    if (!object) return std::unexpected(std::move(object.error()));
    return std::move(object->meta);
  }
  Status status() const override {
    if (iterator_->status().ok()) return {};
    return std::unexpected(error_from(iterator_->status(), "cannot list keys"));
  }

 private:
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

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
                                                                 {"garbage", record_options()},
                                                                 {"chunks", chunk_options()},
                                                                 {"uploads", record_options()}};
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
  database->chunks_ = handles[4];
  database->uploads_ = handles[5];
  database->uploads_directory_ = directory / "uploads";
  if (Status checked = database->check_layout(); !checked) return std::unexpected(std::move(checked.error()));
  if (Status emptied = database->empty_uploads_directory(); !emptied) return std::unexpected(emptied.error());
  if (Status dropped = database->drop_unknown_uploads(); !dropped) return std::unexpected(dropped.error());
  return database;
}

RocksdbDatabase::~RocksdbDatabase() {
  for (rocksdb::ColumnFamilyHandle* family : {default_, meta_, objects_, garbage_, chunks_, uploads_}) {
    if (family != nullptr) db_->DestroyColumnFamilyHandle(family);
  }
}

Status RocksdbDatabase::check_layout() {
  std::string version;
  const rocksdb::Status read = db_->Get({}, default_, rocksdb::Slice(kLayoutKey), &version);
  if (!read.ok() && !read.IsNotFound()) return std::unexpected(error_from(read, "cannot read the layout's version"));
  if (read.IsNotFound() || version == kLayoutWithoutChunks) {
    rocksdb::WriteBatch batch;
    must(batch.Put(default_, rocksdb::Slice(kLayoutKey), rocksdb::Slice(kLayoutVersion)));
    return write_synced(batch);
  }
  if (version == kLayoutVersion) return {};
  return core::fail(core::ErrorCode::io_error, "the data has layout " + version + ", and this program knows layout " +
                                                   std::string(kLayoutVersion) + "; use a newer program");
}

/// What a crash left before it was taken in.
Status RocksdbDatabase::empty_uploads_directory() {
  std::error_code failed;
  std::filesystem::remove_all(uploads_directory_, failed);
  if (!failed) std::filesystem::create_directories(uploads_directory_, failed);
  if (!failed) return {};
  return core::fail(core::ErrorCode::io_error,
                    "cannot empty `" + uploads_directory_.string() + "`: " + failed.message());
}

/// What a crash left between taking chunks in and the commit. Looks at the files' first keys, and at no chunk.
Status RocksdbDatabase::drop_unknown_uploads() {
  rocksdb::ColumnFamilyMetaData family;
  db_->GetColumnFamilyMetaData(chunks_, &family);
  std::set<Revision> found;
  for (const rocksdb::LevelMetaData& level : family.levels) {
    for (const rocksdb::SstFileMetaData& file : level.files) {
      const Result<Revision> upload =
          revision_of(rocksdb::Slice(file.smallestkey).ToString().substr(0, sizeof(Revision)));
      if (!upload) return std::unexpected(upload.error());
      found.insert(*upload);
    }
  }
  std::vector<Revision> unknown;
  for (const Revision& upload : found) {
    rocksdb::PinnableSlice nothing;
    const rocksdb::Status read = read_value(*db_, uploads_, {}, slice_of(upload), nothing);
    if (read.IsNotFound()) unknown.push_back(upload);
    else if (!read.ok()) return std::unexpected(error_from(read, "cannot read the uploads"));
  }
  return drop_chunks(unknown);
}

Status RocksdbDatabase::drop_chunks(const std::vector<Revision>& uploads) {
  if (uploads.empty()) return {};
  std::vector<std::string> bounds;
  for (const Revision& upload : uploads) {
    bounds.push_back(chunk_key(upload, 0));
    bounds.push_back(chunk_key(upload, kChunkNumberMax));
  }
  const std::vector<rocksdb::Slice> slices(bounds.begin(), bounds.end());
  std::vector<rocksdb::RangePtr> ranges;
  for (std::size_t i = 0; i < slices.size(); i += 2) ranges.emplace_back(&slices[i], &slices[i + 1]);
  const rocksdb::Status dropped = rocksdb::DeleteFilesInRanges(db_.get(), chunks_, ranges.data(), ranges.size());
  if (!dropped.ok()) return std::unexpected(error_from(dropped, "cannot drop chunks"));
  return {};
}

Result<std::optional<StoredObject>> RocksdbDatabase::object_at(const std::string& key) {
  rocksdb::PinnableSlice record;
  const rocksdb::Status read = db_->Get({}, meta_, key, &record);
  if (read.IsNotFound()) return std::nullopt;
  if (!read.ok()) return std::unexpected(error_from(read, "cannot read a meta record"));
  Result<StoredObject> object = decode_object(record.ToStringView());
  if (!object) return std::unexpected(std::move(object.error()));
  return std::move(*object);
}

std::unique_ptr<KeyCursor> RocksdbDatabase::keys() {
  return std::make_unique<RocksdbCursor>(std::unique_ptr<rocksdb::Iterator>(db_->NewIterator({}, meta_)));
}

Status RocksdbDatabase::value_of(const Revision& revision, rocksdb::PinnableSlice& bytes) {
  return bytes_read(read_value(*db_, objects_, {}, slice_of(revision), bytes));
}

Status RocksdbDatabase::chunk_of(const Revision& upload, std::uint64_t number, rocksdb::PinnableSlice& bytes) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;  // one large object would push everything else out
  return bytes_read(read_value(*db_, chunks_, options, chunk_key(upload, number), bytes));
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

Result<std::vector<Garbage>> RocksdbDatabase::garbage() {
  std::vector<Garbage> garbage;
  const std::unique_ptr<rocksdb::Iterator> each(db_->NewIterator({}, garbage_));
  for (each->SeekToFirst(); each->Valid(); each->Next()) {
    const Result<Revision> revision = revision_of(each->key());
    if (!revision) return std::unexpected(revision.error());
    garbage.push_back({.revision = *revision, .upload = std::nullopt});
    if (each->value().empty()) continue;
    const Result<Revision> upload = revision_of(each->value());
    if (!upload) return std::unexpected(upload.error());
    garbage.back().upload = *upload;
  }
  if (!each->status().ok()) return std::unexpected(error_from(each->status(), "cannot read the garbage"));
  return garbage;
}

Status RocksdbDatabase::drop(std::span<const Garbage> garbage) {
  if (garbage.empty()) return {};
  rocksdb::WriteBatch batch;
  std::vector<Revision> uploads;
  for (const Garbage& each : garbage) {
    if (each.upload) {
      uploads.push_back(*each.upload);
      must(batch.Delete(uploads_, slice_of(*each.upload)));
    } else {
      must(batch.Delete(objects_, slice_of(each.revision)));
    }
    must(batch.Delete(garbage_, slice_of(each.revision)));
  }
  if (Status dropped = drop_chunks(uploads); !dropped) return dropped;
  // Not synced: what a crash forgets here is still marked as garbage, and dropped at the next start.
  const rocksdb::Status written = db_->Write({}, &batch);
  if (!written.ok()) return std::unexpected(error_from(written, "cannot drop what was overwritten"));
  return {};
}

Status RocksdbDatabase::ingest(const std::vector<std::string>& files) {
  if (files.empty()) return {};
  rocksdb::IngestExternalFileOptions options;
  options.move_files = true;
  options.write_global_seqno = false;  // would write into each file once more
  const rocksdb::Status ingested = db_->IngestExternalFile(chunks_, files, options);
  if (!ingested.ok()) return std::unexpected(error_from(ingested, "cannot take chunks in"));
  return {};
}

void RocksdbDatabase::put_object(rocksdb::WriteBatch& batch, const std::string& key, const StoredObject& object,
                                 std::string_view bytes) {
  const Revision& revision = object.meta.revision;
  if (object.chunks) must(batch.Put(uploads_, slice_of(object.chunks->upload), {}));
  else must(batch.Put(objects_, slice_of(revision), rocksdb::Slice(bytes.data(), bytes.size())));
  must(batch.Put(meta_, key, encode_object(object)));
  must(batch.Put(default_, rocksdb::Slice(kLastRevisionKey), slice_of(revision)));
}

void RocksdbDatabase::delete_key(rocksdb::WriteBatch& batch, const std::string& key) { must(batch.Delete(meta_, key)); }

void RocksdbDatabase::mark_garbage(rocksdb::WriteBatch& batch, const Garbage& garbage) {
  must(batch.Put(garbage_, slice_of(garbage.revision), garbage.upload ? slice_of(*garbage.upload) : rocksdb::Slice()));
}

Status RocksdbDatabase::write_synced(rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions options;
  options.sync = true;
  const rocksdb::Status written = db_->Write(options, &batch);
  if (!written.ok()) return std::unexpected(error_from(written, "cannot commit"));
  return {};
}

}  // namespace sconce::server::storage
