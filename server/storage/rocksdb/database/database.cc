#include "server/storage/rocksdb/database/database.h"

#include <rocksdb/convenience.h>
#include <rocksdb/write_batch.h>

#include "server/storage/rocksdb/database/chunk_files.h"
#include "server/storage/rocksdb/database/options.h"
#include "server/storage/rocksdb/database/slice.h"
#include "server/storage/rocksdb/files/status.h"
#include "server/storage/rocksdb/log/write_batch.h"

namespace sconce::server::storage {

namespace {

/// WriteBatch only fails where a limit was set for it, and none was.
void must(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error("write batch: " + status.ToString());
}

/// A listing of all keys would push everything else out of the cache.
rocksdb::ReadOptions scan_options() {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  return options;
}
}  // namespace

class RocksdbDatabase::Cursor final : public KeyCursor {
 public:
  explicit Cursor(Access access)
      : access_(std::move(access)), iterator_(access_->db->NewIterator(scan_options(), access_->meta)) {}
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
  const Access access_;
  const std::unique_ptr<rocksdb::Iterator> iterator_;
};

Status RocksdbDatabase::drop_chunks(RocksdbInstance& instance, const std::vector<Revision>& ids) {
  if (ids.empty()) return {};
  std::vector<std::string> bounds;
  for (const Revision& id : ids) {
    bounds.push_back(front_key(id));
    bounds.push_back(chunk_key(id, kChunkNumberMax));
  }
  const std::vector<rocksdb::Slice> slices(bounds.begin(), bounds.end());
  std::vector<rocksdb::RangePtr> ranges;
  for (std::size_t i = 0; i < slices.size(); i += 2) ranges.emplace_back(&slices[i], &slices[i + 1]);
  const rocksdb::Status dropped =
      rocksdb::DeleteFilesInRanges(instance.db.get(), instance.chunks, ranges.data(), ranges.size());
  if (!dropped.ok()) return std::unexpected(error_from(dropped, "cannot drop chunks"));
  return {};
}

Result<std::unique_ptr<KeyCursor>> RocksdbDatabase::keys() {
  Access access = acquire();
  if (!access) return not_open();
  return std::make_unique<Cursor>(std::move(access));
}

// Not by the last key of `objects`: an iterator there reads the object too, and a damaged one would keep the store
// shut.
Result<Revision> RocksdbDatabase::last_revision() {
  const Access access = acquire();
  if (!access) return not_open();
  std::string last;
  const rocksdb::Status read = access->db->Get({}, access->general, rocksdb::Slice(kLastRevisionKey), &last);
  if (read.IsNotFound()) return Revision{};
  if (!read.ok()) return std::unexpected(error_from(read, "cannot read the last revision"));
  return revision_of(last);
}

Result<std::vector<Placement>> RocksdbDatabase::garbage() {
  const Access access = acquire();
  if (!access) return not_open();
  std::vector<Placement> garbage;
  const std::unique_ptr<rocksdb::Iterator> each(access->db->NewIterator({}, access->garbage));
  for (each->SeekToFirst(); each->Valid(); each->Next()) {
    const bool in_chunks = !each->value().empty();
    const Result<Revision> id = revision_of(in_chunks ? each->value() : each->key());
    if (!id) return std::unexpected(id.error());
    garbage.push_back({.id = *id, .chunk_bytes = in_chunks ? kChunkBytes : 0});
  }
  if (!each->status().ok()) return std::unexpected(error_from(each->status(), "cannot read the garbage"));
  return garbage;
}

Status RocksdbDatabase::drop(std::span<const Placement> garbage) {
  if (garbage.empty()) return {};
  const Access access = acquire();
  if (!access) return not_open();
  if (Status dropped = drop(*access.operator->(), garbage); !dropped) return dropped;
  drops_ += 1;
  wake_();
  return {};
}

Status RocksdbDatabase::drop(RocksdbInstance& instance, std::span<const Placement> garbage) {
  rocksdb::WriteBatch batch;
  std::vector<Revision> chunks;
  for (const Placement& each : garbage) {
    must(batch.Delete(each.in_chunks() ? instance.uploads : instance.objects, slice_of(each.id)));
    must(batch.Delete(instance.garbage, slice_of(each.id)));
    if (each.in_chunks()) chunks.push_back(each.id);
  }
  if (Status dropped = drop_chunks(instance, chunks); !dropped) return dropped;
  // Not synced: what a crash forgets here is still marked as garbage, and dropped at the next start.
  const rocksdb::Status written = write(instance, {}, batch);
  if (!written.ok()) return std::unexpected(error_from(written, "cannot drop what was overwritten"));
  const std::lock_guard lock(unsynced_drops_mutex_);
  unsynced_drops_.insert(unsynced_drops_.end(), garbage.begin(), garbage.end());
  return {};
}

/// What the log forgot of what was dropped, when its end was cut off.
Status RocksdbDatabase::drop_again() {
  std::vector<Placement> forgotten;
  {
    const std::lock_guard lock(unsynced_drops_mutex_);
    forgotten.swap(unsynced_drops_);
  }
  if (forgotten.empty()) return {};
  Status dropped = drop(*instance_, forgotten);
  if (!dropped) {
    const std::lock_guard lock(unsynced_drops_mutex_);
    unsynced_drops_.insert(unsynced_drops_.end(), forgotten.begin(), forgotten.end());
  }
  return dropped;
}

Result<std::uint64_t> RocksdbDatabase::spool(const Placement& placement, std::string_view bytes) {
  const Access access = acquire();
  if (!access) return not_open();
  if (Status raised = layout_.raise(*access.operator->()); !raised) return std::unexpected(std::move(raised.error()));
  rocksdb::WriteBatch batch;
  put_value(batch, placement, bytes);
  mark_garbage(batch, placement);
  const rocksdb::Status written = write(*access.operator->(), {}, batch);
  if (!written.ok()) return std::unexpected(error_from(written, "cannot write an object of a batch"));
  space_.note_unflushed(*access.operator->());
  return openings_;
}

std::unique_ptr<rocksdb::SstFileWriter> RocksdbDatabase::chunk_file_writer() {
  constexpr bool kDropFromPageCache = false;  // what was just written is likely to be read
  rocksdb::EnvOptions options;
  options.writable_file_max_buffer_size = kChunkBytes / 4;  // a chunk is larger, so it is written without a copy
  return std::make_unique<rocksdb::SstFileWriter>(options, chunk_file_options_, nullptr, kDropFromPageCache);
}

Status RocksdbDatabase::ingest(const std::vector<std::string>& files) {
  if (files.empty()) return {};
  const Access access = acquire();
  if (!access) return not_open();
  if (Status raised = layout_.raise(*access.operator->()); !raised) return raised;
  rocksdb::IngestExternalFileOptions options;
  options.move_files = true;
  options.write_global_seqno = false;  // would write into each file once more
  const rocksdb::Status ingested = access->db->IngestExternalFile(access->chunks, files, options);
  if (!ingested.ok()) return std::unexpected(error_from(ingested, "cannot take chunks in"));
  return {};
}

void RocksdbDatabase::put_object(rocksdb::WriteBatch& batch, const std::string& key, const StoredObject& object) {
  must(batch.Put(instance_->meta, key, encode_object(object)));
}

void RocksdbDatabase::put_last_revision(rocksdb::WriteBatch& batch, const Revision& revision) {
  must(batch.Put(instance_->general, rocksdb::Slice(kLastRevisionKey), slice_of(revision)));
}

void RocksdbDatabase::delete_key(rocksdb::WriteBatch& batch, const std::string& key) {
  must(batch.Delete(instance_->meta, key));
}

void RocksdbDatabase::put_value(rocksdb::WriteBatch& batch, const Placement& placement, std::string_view bytes) {
  must(batch.Put(instance_->objects, slice_of(placement.id), rocksdb::Slice(bytes.data(), bytes.size())));
}

void RocksdbDatabase::keep_spooled(rocksdb::WriteBatch& batch, const Placement& placement) {
  must(batch.Delete(instance_->garbage, slice_of(placement.id)));
}

void RocksdbDatabase::keep_chunks(rocksdb::WriteBatch& batch, const Placement& placement) {
  must(batch.Put(instance_->uploads, slice_of(placement.id), {}));
}

void RocksdbDatabase::mark_garbage(rocksdb::WriteBatch& batch, const Placement& placement) {
  must(batch.Put(instance_->garbage, slice_of(placement.id),
                 placement.in_chunks() ? slice_of(placement.id) : rocksdb::Slice()));
}

Status RocksdbDatabase::write_synced(rocksdb::WriteBatch& batch) {
  const Access access = acquire();
  if (!access) return not_open();
  if (Status raised = layout_.raise(*access.operator->()); !raised) return raised;
  rocksdb::WriteOptions options;
  options.sync = true;
  const std::size_t drops_before = unsynced_drops();
  const rocksdb::Status written = write(*access.operator->(), options, batch);
  if (!written.ok()) {
    // RocksDB writes no more. Where this fails too it is done again before the files are opened.
    if (access->failure->happened) (void)logs_->cut_off_end(LogFiles::Written::no_log);
    return std::unexpected(error_from(written, "cannot commit"));
  }
  logs_->note_synced();
  forget_drops(drops_before);
  space_.note_unflushed(*access.operator->());
  return {};
}

std::size_t RocksdbDatabase::unsynced_drops() {
  const std::lock_guard lock(unsynced_drops_mutex_);
  return unsynced_drops_.size();
}

/// The first ones are on the disk.
void RocksdbDatabase::forget_drops(std::size_t count) {
  const std::lock_guard lock(unsynced_drops_mutex_);
  unsynced_drops_.erase(unsynced_drops_.begin(), unsynced_drops_.begin() + static_cast<std::ptrdiff_t>(count));
}

rocksdb::Status RocksdbDatabase::write(RocksdbInstance& instance, const rocksdb::WriteOptions& options,
                                       rocksdb::WriteBatch& batch) {
  logs_->seal(batch);
  return write_batch(*instance.db, options, batch);
}

}  // namespace sconce::server::storage
