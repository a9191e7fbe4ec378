#include "server/storage/rocksdb/database/stored_object.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace sconce::server::storage {

namespace {

constexpr char kVersion = 3;
constexpr char kVersionOfValuesUnderRevisions = 2;
constexpr char kVersionWithoutChunks = 1;

using Time = std::chrono::system_clock::time_point;

class RecordWriter {
 public:
  template <class Integer>
  void integer(Integer value) {
    for (unsigned shift = 0; shift < 8 * sizeof(Integer); shift += 8) record_ += static_cast<char>(value >> shift);
  }
  void bytes(std::string_view text) { record_ += text; }
  template <std::size_t Size>
  void bytes(const std::array<std::uint8_t, Size>& array) {
    record_.append(reinterpret_cast<const char*>(array.data()), array.size());
  }
  void time(Time time) {
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
    integer(static_cast<std::uint64_t>(since.count()));
  }
  std::string take() { return std::move(record_); }

 private:
  std::string record_;
};

/// Reads what RecordWriter wrote. Past the end it reads zeros, and `whole` is false.
class RecordReader {
 public:
  explicit RecordReader(std::string_view record) : record_(record) {}

  template <class Integer>
  Integer integer() {
    static_assert(std::endian::native == std::endian::little);
    const std::string_view bytes = take(sizeof(Integer));
    Integer value = 0;
    std::memcpy(&value, bytes.data(), bytes.size());
    return value;
  }
  template <std::size_t Size>
  void bytes(std::array<std::uint8_t, Size>& array) {
    const std::string_view bytes = take(Size);
    std::ranges::copy(bytes, array.begin());
  }
  std::string text(std::size_t size) { return std::string(take(size)); }
  Time time() { return Time(std::chrono::milliseconds(static_cast<std::int64_t>(integer<std::uint64_t>()))); }
  bool whole() const { return !short_ && record_.empty(); }

 private:
  std::string_view take(std::size_t size) {
    if (record_.size() < size) {
      short_ = true;
      record_ = record_.substr(record_.size());
      return record_;
    }
    const std::string_view taken = record_.substr(0, size);
    record_.remove_prefix(size);
    return taken;
  }

  std::string_view record_;
  bool short_ = false;
};

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

/// What stands behind the time of the write.
void read_rest(RecordReader& reader, char version, StoredObject& object) {
  object.meta.created = reader.time();
  const bool under_revision = version == kVersionOfValuesUnderRevisions && reader.integer<std::uint8_t>() == 0;
  reader.bytes(object.placement.id.bytes);
  object.placement.chunk_bytes = reader.integer<std::uint32_t>();
  if (under_revision) object.placement = {.id = object.meta.revision};
  object.meta.annotations = read_annotations(reader);
}

}  // namespace

std::string encode_object(const StoredObject& object) {
  const ObjectMeta& meta = object.meta;
  RecordWriter record;
  record.integer(static_cast<std::uint8_t>(kVersion));
  record.bytes(meta.revision.bytes);
  record.integer(meta.size_bytes);
  record.bytes(meta.content_hash.bytes);
  record.time(meta.modified);
  record.time(meta.created);
  record.bytes(object.placement.id.bytes);
  record.integer(object.placement.chunk_bytes);
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
  object.meta.modified = reader.time();
  object.meta.created = object.meta.modified;
  object.placement.id = object.meta.revision;
  if (version > kVersionWithoutChunks) read_rest(reader, version, object);
  if (reader.whole()) return object;
  return core::fail(core::ErrorCode::corrupt,
                    "a meta record of " + std::to_string(record.size()) + " bytes is damaged");
}

}  // namespace sconce::server::storage
