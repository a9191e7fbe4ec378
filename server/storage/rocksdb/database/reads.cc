// What RocksdbDatabase reads of objects: by key, and by placement.

#include <algorithm>
#include <utility>

#include "server/storage/rocksdb/database/chunk_keys.h"
#include "server/storage/rocksdb/database/database.h"
#include "server/storage/rocksdb/database/slice.h"
#include "server/storage/rocksdb/files/status.h"
#include "server/storage/rocksdb/packs/segment_layout.h"

namespace sconce::server::storage {

namespace {

Status bytes_read(const rocksdb::Status& read) {
  if (read.ok()) return {};
  if (read.IsNotFound()) return core::fail(core::ErrorCode::corrupt, "the bytes of an object are missing");
  return std::unexpected(error_from(read, "cannot read an object"));
}

Result<std::optional<StoredObject>> object_read(const rocksdb::Status& read, const rocksdb::PinnableSlice& record) {
  if (read.IsNotFound()) return std::nullopt;
  if (!read.ok()) return std::unexpected(error_from(read, "cannot read a meta record"));
  Result<StoredObject> object = decode_object(record.ToStringView());
  if (!object) return std::unexpected(std::move(object.error()));
  return std::move(*object);
}

/// What is not there is Incomplete, not NotFound.
rocksdb::ReadOptions in_memory() {
  rocksdb::ReadOptions options;
  options.read_tier = rocksdb::kBlockCacheTier;
  return options;
}

std::vector<Result<std::optional<StoredObject>>> read_objects(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* meta,
                                                              const rocksdb::ReadOptions& options,
                                                              std::span<const std::string> keys) {
  const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> records(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  db.MultiGet(options, meta, keys.size(), slices.data(), records.data(), statuses.data());
  std::vector<Result<std::optional<StoredObject>>> objects;
  objects.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) objects.push_back(object_read(statuses[i], records[i]));
  return objects;
}

std::vector<rocksdb::Status> read_values(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* values,
                                         const rocksdb::ReadOptions& options, std::span<const Placement> placements,
                                         std::span<rocksdb::PinnableSlice> bytes) {
  std::vector<rocksdb::Slice> keys;
  keys.reserve(placements.size());
  for (const Placement& placement : placements) keys.push_back(slice_of(placement.id));
  std::vector<rocksdb::Status> statuses(keys.size());
  db.MultiGet(options, values, keys.size(), keys.data(), bytes.data(), statuses.data());
  return statuses;
}

void count_value(StoreCounters& counters, const rocksdb::PinnableSlice& value) {
  StoreCounters::add(counters.values_read, 1);
  StoreCounters::add(counters.bytes_read, value.size());
}

void count_chunk(StoreCounters& counters, const rocksdb::PinnableSlice& chunk) {
  StoreCounters::add(counters.chunks_read, 1);
  StoreCounters::add(counters.bytes_read, chunk.size());
}

}  // namespace

Result<std::optional<StoredObject>> RocksdbDatabase::object_at(const std::string& key) {
  const Access access = acquire();
  if (!access) return not_open();
  rocksdb::PinnableSlice record;
  const rocksdb::Status read = access->db->Get({}, access->meta, key, &record);
  return object_read(read, record);
}

std::vector<Result<std::optional<StoredObject>>> RocksdbDatabase::objects_at(std::span<const std::string> keys) {
  const Access access = acquire();
  if (!access) return std::vector<Result<std::optional<StoredObject>>>(keys.size(), not_open());
  return read_objects(*access->db, access->meta, {}, keys);
}

Status RocksdbDatabase::value_of(const Placement& placement, rocksdb::PinnableSlice& bytes) {
  const Access access = acquire();
  if (!access) return not_open();
  bytes.Reset();
  const rocksdb::Status read = access->db->Get({}, access->objects, slice_of(placement.id), &bytes);
  if (read.ok()) count_value(counters_, bytes);
  return bytes_read(read);
}

std::optional<std::optional<StoredObject>> RocksdbDatabase::object_in_memory(const std::string& key) {
  const Access access = try_acquire();
  if (!access) return std::nullopt;
  rocksdb::PinnableSlice record;
  const rocksdb::Status read = access->db->Get(in_memory(), access->meta, key, &record);
  Result<std::optional<StoredObject>> object = object_read(read, record);
  if (!object) return std::nullopt;
  return std::optional<std::optional<StoredObject>>(std::in_place, std::move(*object));
}

bool RocksdbDatabase::value_in_memory(const Placement& placement, rocksdb::PinnableSlice& bytes) {
  const Access access = try_acquire();
  if (!access || !access->db->Get(in_memory(), access->objects, slice_of(placement.id), &bytes).ok()) return false;
  count_value(counters_, bytes);
  return true;
}

std::vector<Status> RocksdbDatabase::values_of(std::span<const Placement> placements,
                                               std::span<rocksdb::PinnableSlice> bytes) {
  const Access access = acquire();
  if (!access) return std::vector<Status>(placements.size(), not_open());
  std::vector<Status> read;
  for (const rocksdb::Status& status : read_values(*access->db, access->objects, {}, placements, bytes)) {
    read.push_back(bytes_read(status));
    if (read.back()) count_value(counters_, bytes[read.size() - 1]);
  }
  return read;
}

std::optional<std::vector<std::optional<StoredObject>>> RocksdbDatabase::objects_in_memory(
    std::span<const std::string> keys) {
  const Access access = try_acquire();
  if (!access) return std::nullopt;
  std::vector<std::optional<StoredObject>> objects;
  for (auto& object : read_objects(*access->db, access->meta, in_memory(), keys)) {
    if (!object) return std::nullopt;
    objects.push_back(std::move(*object));
  }
  return objects;
}

bool RocksdbDatabase::values_in_memory(std::span<const Placement> placements, std::span<rocksdb::PinnableSlice> bytes) {
  const Access access = try_acquire();
  if (!access) return false;
  const auto read = read_values(*access->db, access->objects, in_memory(), placements, bytes);
  if (!std::ranges::all_of(read, &rocksdb::Status::ok)) return false;
  for (const rocksdb::PinnableSlice& value : bytes) count_value(counters_, value);
  return true;
}

Status RocksdbDatabase::chunk_of(const Placement& placement, std::uint64_t number, bool keep,
                                 rocksdb::PinnableSlice& bytes) {
  if (placement.kind == Placement::Kind::segment) return segment_chunk_of(placement, number, keep, bytes);
  const Access access = acquire();
  if (!access) return not_open();
  rocksdb::ReadOptions options;
  options.fill_cache = keep;
  bytes.Reset();
  const rocksdb::Status read = access->db->Get(options, access->chunks, chunk_key(placement.id, number), &bytes);
  if (!read.ok()) return bytes_read(read);
  count_chunk(counters_, bytes);
  return {};
}

Status RocksdbDatabase::segment_chunk_of(const Placement& placement, std::uint64_t number, bool keep,
                                         rocksdb::PinnableSlice& bytes) {
  if (!packs_.read_from_memory(placement.id, number, bytes)) {
    const auto read = [&](const Segment& segment) { return packs_.read(placement.id, segment, number, keep, bytes); };
    if (Status done = read_where_it_is(placement, read); !done) return done;
  }
  count_chunk(counters_, bytes);
  return {};
}

/// What is not found where the record says may have been moved since, and its pack removed.
Status RocksdbDatabase::read_where_it_is(const Placement& placement,
                                         const std::function<Status(const Segment&)>& read) {
  Result<Segment> segment = segment_of(placement);
  while (segment) {
    Status done = read(*segment);
    if (done) return done;
    Result<Segment> now = segment_of(placement);
    if (now && is_same_place(*now, *segment)) return done;
    segment = std::move(now);
  }
  return std::unexpected(segment.error());
}

bool RocksdbDatabase::chunks_in_memory(const Placement& placement, std::span<rocksdb::PinnableSlice> chunks) {
  const Access access = try_acquire();
  if (!access) return false;
  const bool is_segment = placement.kind == Placement::Kind::segment;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    const bool is_in_memory =
        is_segment ? packs_.read_from_memory(placement.id, i, chunks[i])
                   : access->db->Get(in_memory(), access->chunks, chunk_key(placement.id, i), &chunks[i]).ok();
    if (!is_in_memory) return false;
  }
  for (const rocksdb::PinnableSlice& chunk : chunks) count_chunk(counters_, chunk);
  return true;
}

Result<std::optional<Segment>> RocksdbDatabase::read_segment(RocksdbInstance& instance, const Revision& id) const {
  if (const auto found = lost_segments_.find(id); found != lost_segments_.end()) return found->second;
  rocksdb::PinnableSlice record;
  const rocksdb::Status read = instance.db->Get({}, instance.uploads, slice_of(id), &record);
  if (read.IsNotFound()) return std::nullopt;
  if (!read.ok()) return std::unexpected(error_from(read, "cannot read the record of a segment"));
  const Result<Segment> segment = decode_segment(record.ToStringView());
  if (!segment) return std::unexpected(segment.error());
  return *segment;
}

Result<std::map<Revision, PackRecord>> RocksdbDatabase::pack_records() {
  const Access access = acquire();
  if (!access) return not_open();
  return read_packs(*access.operator->());
}

Result<std::optional<Segment>> RocksdbDatabase::segment_at(const Revision& id) {
  const Access access = acquire();
  if (!access) return not_open();
  return read_segment(*access.operator->(), id);
}

Status RocksdbDatabase::find_lost_segments() {
  const Access access = acquire();
  if (!access) return not_open();
  const Result<std::vector<Revision>> packs = packs_.list();
  if (!packs) return std::unexpected(packs.error());
  Status read;
  for (const Revision& pack : *packs) {
    const Status walked = packs_.walk(pack, [&](const Revision& id, const Segment& segment) {
      const Result<std::optional<Segment>> known = read_segment(*access.operator->(), id);
      const bool has_no_record = known ? !*known : known.error().code == core::ErrorCode::corrupt;
      const bool is_lost = has_no_record || lost_segments_.contains(id);
      if (is_lost) note_lost_segment(id, segment);
      else if (!known) read = std::unexpected(known.error());
    });
    if (!walked) return walked;
  }
  return read;
}

/// Of several copies the one that can be read whole.
void RocksdbDatabase::note_lost_segment(const Revision& id, const Segment& segment) {
  const auto [lost, is_first] = lost_segments_.emplace(id, segment);
  if (is_first || can_be_read(id, lost->second)) return;
  lost->second = segment;
}

bool RocksdbDatabase::can_be_read(const Revision& id, const Segment& segment) {
  rocksdb::PinnableSlice chunk;
  for (std::uint64_t i = 0; i < chunk_count(segment.size_bytes); ++i) {
    if (!packs_.read(id, segment, i, false, chunk)) return false;
  }
  return packs_.read_description(id, segment).has_value();
}

Result<bool> RocksdbDatabase::has_chunks() {
  const Access access = acquire();
  if (!access) return not_open();
  const std::unique_ptr<rocksdb::Iterator> each(access->db->NewIterator({}, access->chunks));
  each->SeekToFirst();
  if (each->status().ok()) return each->Valid();
  return std::unexpected(error_from(each->status(), "cannot read the chunks"));
}

Status RocksdbDatabase::each_segment(const std::function<void(const Revision&, const Segment&)>& look) {
  const Access access = acquire();
  if (!access) return not_open();
  const std::unique_ptr<rocksdb::Iterator> each(access->db->NewIterator({}, access->uploads));
  for (each->SeekToFirst(); each->Valid(); each->Next()) {
    if (each->value().empty()) continue;  // chunks
    const Result<Revision> id = revision_of(each->key());
    if (!id) return std::unexpected(id.error());
    if (lost_segments_.contains(*id)) continue;
    const Result<Segment> segment = decode_segment(each->value().ToStringView());
    if (!segment) return std::unexpected(segment.error());
    look(*id, *segment);
  }
  if (!each->status().ok()) return std::unexpected(error_from(each->status(), "cannot read the segments"));
  for (const auto& [id, segment] : lost_segments_) look(id, segment);
  return {};
}

Result<Segment> RocksdbDatabase::segment_of(const Placement& placement) {
  const Result<std::optional<Segment>> segment = segment_at(placement.id);
  if (!segment) return std::unexpected(segment.error());
  if (*segment) return **segment;
  return core::fail(core::ErrorCode::corrupt, "the record of a segment is missing");
}

Status RocksdbDatabase::discard_abandoned_segments() {
  const Result<std::map<Revision, PackRecord>> packs = read_packs(*instance_);
  if (!packs) return std::unexpected(packs.error());
  for (const auto& [id, record] : *packs) packs_.table().correct(id, record);
  return packs_.discard_abandoned([&](const Revision& id, const Segment& abandoned) -> Result<bool> {
    const Result<std::optional<Segment>> segment = read_segment(*instance_, id);
    if (!segment) return std::unexpected(segment.error());
    return *segment && is_same_place(**segment, abandoned);
  });
}

Result<std::string> RocksdbDatabase::description_of(const Placement& placement, std::uint64_t size_bytes) {
  if (placement.kind == Placement::Kind::segment) {
    std::string description;
    const auto read = [&](const Segment& segment) -> Status {
      if (segment.size_bytes != size_bytes) return {};
      Result<std::string> found = packs_.read_description(placement.id, segment);
      if (!found) return std::unexpected(std::move(found.error()));
      description = std::move(*found);
      return {};
    };
    if (Status done = read_where_it_is(placement, read); !done) return std::unexpected(std::move(done.error()));
    return description;
  }
  const Access access = acquire();
  if (!access) return not_open();
  std::string description;
  const rocksdb::Status read =
      access->db->Get({}, access->chunks, chunk_key(placement.id, kDescriptionNumber), &description);
  if (read.ok() || read.IsNotFound()) return description;
  return std::unexpected(error_from(read, "cannot read what is known of an object"));
}

}  // namespace sconce::server::storage
