#include "server/storage/rocksdb/database/database.h"

#include <rocksdb/convenience.h>
#include <rocksdb/write_batch.h>

#include <new>
#include <utility>

#include "server/storage/rocksdb/database/chunk_keys.h"
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

constexpr std::string_view kSegmentGarbage = "segment";

Placement::Kind kind_of_garbage(rocksdb::Slice record) {
  if (record.empty()) return Placement::Kind::value;
  return record.ToStringView() == kSegmentGarbage ? Placement::Kind::segment : Placement::Kind::chunks;
}

/// Lifetime: the placement's.
rocksdb::Slice garbage_record(const Placement& placement) {
  switch (placement.kind) {
    case Placement::Kind::value: return {};
    case Placement::Kind::chunks: return slice_of(placement.id);
    case Placement::Kind::segment: return {kSegmentGarbage.data(), kSegmentGarbage.size()};
  }
  std::unreachable();
}

std::string pack_key(const Revision& pack) { return std::string(kPackKeys) += slice_of(pack).ToStringView(); }

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

Result<std::map<Revision, PackRecord>> RocksdbDatabase::read_packs(RocksdbInstance& instance) {
  std::map<Revision, PackRecord> packs;
  const std::unique_ptr<rocksdb::Iterator> each(instance.db->NewIterator({}, instance.general));
  for (each->Seek(rocksdb::Slice(kPackKeys)); each->Valid() && each->key().starts_with(kPackKeys); each->Next()) {
    rocksdb::Slice id = each->key();
    id.remove_prefix(kPackKeys.size());
    const Result<Revision> pack = revision_of(id);
    if (!pack) return std::unexpected(pack.error());
    const Result<PackRecord> record = decode_pack(each->value().ToStringView());
    if (!record) return std::unexpected(record.error());
    packs.emplace(*pack, *record);
  }
  if (!each->status().ok()) return std::unexpected(error_from(each->status(), "cannot read the packs"));
  return packs;
}

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
  return read_garbage(*access.operator->());
}

Result<std::vector<Placement>> RocksdbDatabase::read_garbage(RocksdbInstance& instance) {
  std::vector<Placement> garbage;
  const std::unique_ptr<rocksdb::Iterator> each(instance.db->NewIterator({}, instance.garbage));
  for (each->SeekToFirst(); each->Valid(); each->Next()) {
    const Result<Revision> id = revision_of(each->key());
    if (!id) return std::unexpected(id.error());
    garbage.push_back({.id = *id, .kind = kind_of_garbage(each->value())});
  }
  if (!each->status().ok()) return std::unexpected(error_from(each->status(), "cannot read the garbage"));
  return garbage;
}

Status RocksdbDatabase::drop(std::span<const Placement> garbage) {
  if (garbage.empty()) return {};
  const Access access = acquire();
  // While nothing can be written, a power cut may still undo what made it garbage.
  if (!access || access->failure->happened) return not_open();
  const Result<std::vector<Segment>> segments = segments_of(*access.operator->(), garbage);
  if (!segments) return std::unexpected(segments.error());
  if (Status dropped = drop(*access.operator->(), garbage, *segments); !dropped) return dropped;
  for (const Segment& segment : *segments) packs_.dropped(segment);
  drops_ += 1;
  wake_();
  return {};
}

/// Of those that are segments; one without a record is gone already.
Result<std::vector<Segment>> RocksdbDatabase::segments_of(RocksdbInstance& instance,
                                                          std::span<const Placement> garbage) const {
  std::vector<Segment> segments;
  for (const Placement& each : garbage) {
    if (each.kind != Placement::Kind::segment) continue;
    const Result<std::optional<Segment>> segment = read_segment(instance, each.id);
    if (!segment) return std::unexpected(segment.error());
    if (*segment) segments.push_back(**segment);
  }
  return segments;
}

/// `segments` are those of the garbage.
Status RocksdbDatabase::drop(RocksdbInstance& instance, std::span<const Placement> garbage,
                             std::span<const Segment> segments) {
  rocksdb::WriteBatch batch;
  std::vector<Revision> chunks;
  for (const Placement& each : garbage) {
    const bool is_value = each.kind == Placement::Kind::value;
    must(batch.Delete(is_value ? instance.objects : instance.uploads, slice_of(each.id)));
    must(batch.Delete(instance.garbage, slice_of(each.id)));
    if (each.kind == Placement::Kind::chunks) chunks.push_back(each.id);
  }
  const std::vector<Revision> removed = packs_.removed();
  for (const Revision& pack : removed) must(batch.Delete(instance.general, pack_key(pack)));
  for (const Segment& segment : segments) {
    if (Status freed = packs_.free(segment); !freed) return freed;
  }
  if (Status dropped = drop_chunks(instance, chunks); !dropped) return dropped;
  // Not synced: what a crash forgets here is still marked as garbage, and dropped at the next start.
  const rocksdb::Status written = write(instance, {}, batch);
  if (!written.ok()) return std::unexpected(error_from(written, "cannot drop what was overwritten"));
  packs_.forget_removed(removed.size());
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
  const Result<std::vector<Segment>> segments = segments_of(*instance_, forgotten);
  Status dropped = segments ? drop(*instance_, forgotten, *segments) : std::unexpected(segments.error());
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

void RocksdbDatabase::put_segment(rocksdb::WriteBatch& batch, const Revision& id, const Segment& segment) {
  must(batch.Put(instance_->uploads, slice_of(id), encode_segment(segment)));
}

void RocksdbDatabase::put_pack(rocksdb::WriteBatch& batch, const Revision& id, const PackRecord& pack) {
  must(batch.Put(instance_->general, pack_key(id), encode_pack(pack)));
}

void RocksdbDatabase::mark_garbage(rocksdb::WriteBatch& batch, const Placement& placement) {
  must(batch.Put(instance_->garbage, slice_of(placement.id), garbage_record(placement)));
}

Status RocksdbDatabase::flush_moves() {
  const Access access = acquire();
  if (!access || access->failure->happened) return not_open();
  const rocksdb::Status flushed =
      access->db->Flush({}, {access->general, access->meta, access->uploads, access->garbage});
  if (flushed.ok()) return {};
  return std::unexpected(error_from(flushed, "cannot write what was moved to files"));
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
  note_written(*access.operator->(), drops_before);
  return {};
}

/// What is not noted is cut off when the files are opened again, so that is done before the next commit.
void RocksdbDatabase::note_written(RocksdbInstance& instance, std::size_t drops_before) {
  try {
    logs_->note_synced();
    forget_drops(drops_before);
    space_.note_unflushed(instance);
  } catch (const std::bad_alloc&) {
    instance.failure->happened = true;
    throw;
  }
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
