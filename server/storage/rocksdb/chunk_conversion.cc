#include "server/storage/rocksdb/chunk_conversion.h"

#include <utility>

namespace sconce::server::storage {

namespace {

constexpr std::size_t kKeysMax = 1000;
constexpr std::size_t kPieceBytes = 1 << 20;
// Of what was converted before the space of its chunks is given back.
constexpr std::uint64_t kUndroppedBytesMax = 64 << 20;

bool is_in_chunks(const StoredObject& object) { return object.placement().kind == Placement::Kind::chunks; }

core::Error no_room_for(std::uint64_t bytes) {
  return {.code = core::ErrorCode::no_space,
          .what = "there is no room to write an object of " + bytes_text(bytes) + " into a pack"};
}

}  // namespace

Status ChunkConversion::run(const GoOn& go_on) {
  const std::lock_guard lock(mutex_);
  if (is_done_ || !parts_.database.has_newest_layout()) return {};
  Status converted = convert_all(go_on);
  Status dropped = drop_replaced();
  return converted ? dropped : converted;
}

/// An object for which there is no room is passed over, and looked at again by the next call.
Status ChunkConversion::convert_all(const GoOn& go_on) {
  const Result<bool> has_any = parts_.database.has_chunks();
  if (!has_any) return std::unexpected(has_any.error());
  bool is_at_end = !*has_any;
  Status room;
  while (!is_at_end && go_on()) {
    const Result<std::vector<std::string>> keys = next_keys();
    if (!keys) return std::unexpected(keys.error());
    is_at_end = keys->empty();
    for (const std::string& key : *keys) {
      const Result<bool> converted = convert(key, go_on);
      if (converted && !*converted) return {};  // it is not to go on
      const bool lacks_room = !converted && converted.error().code == core::ErrorCode::no_space;
      if (!converted && !lacks_room) return std::unexpected(converted.error());
      if (lacks_room) room = std::unexpected(converted.error());
      next_ = key + '\0';
    }
  }
  if (!is_at_end) return room;
  is_done_ = room.has_value();
  next_.clear();
  return room;
}

Result<std::vector<std::string>> ChunkConversion::next_keys() {
  const auto cursor = parts_.database.keys();
  if (!cursor) return std::unexpected(cursor.error());
  std::vector<std::string> keys;
  for ((*cursor)->seek(next_); (*cursor)->valid() && keys.size() < kKeysMax; (*cursor)->next()) {
    keys.emplace_back((*cursor)->key());
  }
  if (Status listed = (*cursor)->status(); !listed) return std::unexpected(std::move(listed.error()));
  return keys;
}

/// False if it is not to go on.
Result<bool> ChunkConversion::convert(const std::string& key, const GoOn& go_on) {
  const Result<std::optional<StoredObject>> object = parts_.database.object_at(key);
  if (object && *object && is_in_chunks(**object)) return convert(key, **object, go_on);
  if (object || object.error().code != core::ErrorCode::corrupt) {
    return object ? Result<bool>(true) : std::unexpected(object.error());
  }
  report_to(parts_.report, object.error());
  return true;
}

Result<bool> ChunkConversion::convert(const std::string& key, const StoredObject& object, const GoOn& go_on) {
  // Not by what refuses: that would make clients wait for a room of which they need less.
  const std::uint64_t bytes = object.meta.size_bytes;
  if (parts_.database.space().available_bytes() < bytes + bytes / 64) return std::unexpected(no_room_for(bytes));
  RocksdbUpload upload(parts_.database, parts_.clock, bytes, parts_.discard);
  if (Status announced = upload.announce(bytes); !announced) return std::unexpected(std::move(announced.error()));
  const Result<Copied> copied = copy(key, object.meta, upload, go_on);
  if (!copied) return std::unexpected(copied.error());
  if (*copied != Copied::whole) return *copied == Copied::not_read;
  const Result<bool> moved = parts_.writer.move(key, object, upload, replaced_);
  if (!moved || !*moved) return moved ? Result<bool>(true) : moved;
  StoreCounters::add(parts_.database.counters().objects_converted, 1);
  undropped_bytes_ += bytes;
  if (undropped_bytes_ < kUndroppedBytesMax) return true;
  if (Status dropped = drop_replaced(); !dropped) return std::unexpected(std::move(dropped.error()));
  return true;
}

Result<ChunkConversion::Copied> ChunkConversion::copy(const std::string& key, const ObjectMeta& meta,
                                                      RocksdbUpload& upload, const GoOn& go_on) {
  const Result<std::unique_ptr<RevisionReader>> opened = parts_.opener.open(key);
  if (!opened) return std::unexpected(opened.error());
  if (*opened == nullptr || (*opened)->meta() != meta) return Copied::not_read;
  RevisionReader& reader = **opened;
  for (std::uint64_t offset = 0; offset < meta.size_bytes;) {
    const Result<std::span<const std::byte>> piece = reader.read(offset, kPieceBytes);
    if (!piece) return unread(piece.error());
    if (Status written = upload.write(*piece); !written) return std::unexpected(std::move(written.error()));
    offset += piece->size();
    if (!go_on()) return Copied::cut_short;
  }
  Result<std::string> description = reader.description();
  if (!description) return unread(description.error());
  upload.describe(std::move(*description));
  if (Status finished = upload.finish(); !finished) return std::unexpected(std::move(finished.error()));
  return Copied::whole;
}

/// What cannot be read is no reason to leave the others.
Result<ChunkConversion::Copied> ChunkConversion::unread(const core::Error& error) {
  if (error.code == core::ErrorCode::unavailable) return std::unexpected(error);
  report_to(parts_.report, error);
  return Copied::not_read;
}

/// Once nothing but table files is needed to find what was converted.
Status ChunkConversion::drop_replaced() {
  if (replaced_.empty()) return {};
  if (Status flushed = parts_.database.flush_moves(); !flushed) return flushed;
  parts_.writer.drop(std::exchange(replaced_, {}));
  undropped_bytes_ = 0;
  return {};
}

}  // namespace sconce::server::storage
