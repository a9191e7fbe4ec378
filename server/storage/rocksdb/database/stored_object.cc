#include "server/storage/rocksdb/database/stored_object.h"

#include "server/storage/rocksdb/files/record_bytes.h"
#include "server/storage/rocksdb/packs/segment.h"

namespace sconce::server::storage {

namespace {

constexpr char kVersion = 4;
constexpr char kVersionWithoutSegments = 3;
constexpr char kVersionOfValuesUnderRevisions = 2;
constexpr char kVersionWithoutChunks = 1;

using Time = std::chrono::system_clock::time_point;

void write_time(RecordWriter& record, Time time) {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  record.integer(static_cast<std::uint64_t>(since.count()));
}

Time read_time(RecordReader& reader) {
  return Time(std::chrono::milliseconds(static_cast<std::int64_t>(reader.integer<std::uint64_t>())));
}

Annotations read_annotations(RecordReader& reader) {
  Annotations annotations;
  annotations.root_kind = reader.text(reader.integer<std::uint8_t>());
  const std::size_t count = reader.integer<std::uint16_t>();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t name_bytes = reader.integer<std::uint16_t>();
    const std::size_t value_bytes = reader.integer<std::uint16_t>();
    std::string name = reader.text(name_bytes);
    annotations.user_metadata.emplace_back(std::move(name), reader.text(value_bytes));
  }
  return annotations;
}

bool is_known(char version) { return version >= kVersionWithoutChunks && version <= kVersion; }

Extent read_placement(RecordReader& reader, char version, const ObjectMeta& meta) {
  Extent whole{.placement = {}, .size_bytes = meta.size_bytes};
  const bool under_revision = version == kVersionOfValuesUnderRevisions && reader.integer<std::uint8_t>() == 0;
  reader.bytes(whole.placement.id.bytes);
  if (reader.integer<std::uint32_t>() != 0) whole.placement.kind = Placement::Kind::chunks;
  if (under_revision) whole.placement = {.id = meta.revision};
  return whole;
}

std::vector<Extent> read_extents(RecordReader& reader) {
  constexpr std::size_t kExtentBytes = 32;
  const std::size_t count = reader.integer<std::uint32_t>();
  if (count > reader.left_bytes() / kExtentBytes) return {};  // which is no object
  std::vector<Extent> extents(count);
  for (Extent& extent : extents) {
    extent.placement.kind = Placement::Kind::segment;
    reader.bytes(extent.placement.id.bytes);
    extent.offset = reader.integer<std::uint64_t>();
    extent.size_bytes = reader.integer<std::uint64_t>();
  }
  return extents;
}

/// What follows the time of the write.
void read_rest(RecordReader& reader, char version, StoredObject& object) {
  object.meta.created = read_time(reader);
  if (version == kVersion) object.extents = read_extents(reader);
  else object.extents = {read_placement(reader, version, object.meta)};
  object.meta.annotations = read_annotations(reader);
}

bool are_whole(const StoredObject& object) {
  std::uint64_t left = object.meta.size_bytes;
  for (const Extent& extent : object.extents) {
    if (extent.size_bytes > left) return false;
    left -= extent.size_bytes;
  }
  return left == 0 && !object.extents.empty();
}

void write_extents(RecordWriter& record, const std::vector<Extent>& extents) {
  record.integer(static_cast<std::uint32_t>(extents.size()));
  for (const Extent& extent : extents) {
    record.bytes(extent.placement.id.bytes);
    record.integer(extent.offset);
    record.integer(extent.size_bytes);
  }
}

}  // namespace

std::string encode_object(const StoredObject& object) {
  const ObjectMeta& meta = object.meta;
  RecordWriter record;
  const Placement& placement = object.placement();
  const bool is_in_segments = placement.kind == Placement::Kind::segment;
  record.integer(static_cast<std::uint8_t>(is_in_segments ? kVersion : kVersionWithoutSegments));
  record.bytes(meta.revision.bytes);
  record.integer(meta.size_bytes);
  record.bytes(meta.content_hash.bytes);
  write_time(record, meta.modified);
  write_time(record, meta.created);
  if (is_in_segments) {
    write_extents(record, object.extents);
  } else {
    record.bytes(placement.id.bytes);
    record.integer(placement.kind == Placement::Kind::chunks ? kChunkBytes : 0);
  }
  record.integer(static_cast<std::uint8_t>(meta.annotations.root_kind.size()));
  record.bytes(meta.annotations.root_kind);
  record.integer(static_cast<std::uint16_t>(meta.annotations.user_metadata.size()));
  for (const auto& [name, value] : meta.annotations.user_metadata) {
    record.integer(static_cast<std::uint16_t>(name.size()));
    record.integer(static_cast<std::uint16_t>(value.size()));
    record.bytes(name);
    record.bytes(value);
  }
  return record.take();
}

Result<StoredObject> decode_object(std::string_view record) {
  RecordReader reader(record);
  const auto version = static_cast<char>(reader.integer<std::uint8_t>());
  if (!record.empty() && !is_known(version)) {
    return core::fail(core::ErrorCode::io_error, "a meta record has version " + std::to_string(version) +
                                                     ", which this program does not know; use a newer one");
  }
  StoredObject object;
  reader.bytes(object.meta.revision.bytes);
  object.meta.size_bytes = reader.integer<std::uint64_t>();
  reader.bytes(object.meta.content_hash.bytes);
  object.meta.modified = read_time(reader);
  object.meta.created = object.meta.modified;
  if (version > kVersionWithoutChunks) read_rest(reader, version, object);
  else object.extents = {{.placement = {.id = object.meta.revision}, .size_bytes = object.meta.size_bytes}};
  if (reader.whole() && are_whole(object)) return object;
  return core::fail(core::ErrorCode::corrupt,
                    "a meta record of " + std::to_string(record.size()) + " bytes is damaged");
}

}  // namespace sconce::server::storage
