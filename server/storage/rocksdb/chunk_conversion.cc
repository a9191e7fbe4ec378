#include "server/storage/rocksdb/chunk_conversion.h"

#include <utility>

namespace sconce::server::storage {

namespace {

constexpr std::size_t kKeysMax = 1000;
constexpr std::size_t kPieceBytes = 1 << 20;

bool is_temporary(const core::Error& error) {
  return error.code == core::ErrorCode::no_space || error.code == core::ErrorCode::unavailable;
}

bool is_in_chunks(const StoredObject& object) { return object.placement().kind == Placement::Kind::chunks; }

}  // namespace

Status ChunkConversion::run(const GoOn& go_on) {
  const std::lock_guard lock(mutex_);
  if (is_done_ || !parts_.database.has_newest_layout()) return {};
  const Result<bool> has_any = parts_.database.has_chunks();
  if (!has_any) return std::unexpected(has_any.error());
  is_done_ = !*has_any;
  while (!is_done_ && go_on()) {
    const Result<std::vector<std::string>> keys = next_keys();
    if (!keys) return std::unexpected(keys.error());
    if (Status converted = convert(*keys, go_on); !converted) return converted;
    is_done_ = keys->empty();
  }
  return {};
}

Status ChunkConversion::convert(std::span<const std::string> keys, const GoOn& go_on) {
  for (const std::string& key : keys) {
    const Result<bool> converted = convert(key, go_on);
    if (!converted) return std::unexpected(converted.error());
    if (!*converted) return {};
    next_ = key + '\0';
  }
  return {};
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

/// False if it is not to go on. What cannot be read is no reason to leave the others.
Result<bool> ChunkConversion::convert(const std::string& key, const GoOn& go_on) {
  const Result<std::optional<StoredObject>> object = parts_.database.object_at(key);
  Result<bool> converted = true;
  if (!object) converted = std::unexpected(object.error());
  else if (*object && is_in_chunks(**object)) converted = convert(key, **object, go_on);
  if (converted || is_temporary(converted.error())) return converted;
  report_to(parts_.report, converted.error());
  return true;
}

Result<bool> ChunkConversion::convert(const std::string& key, const StoredObject& object, const GoOn& go_on) {
  RocksdbUpload upload(parts_.database, parts_.clock, object.meta.size_bytes, parts_.discard);
  if (Status announced = upload.announce(object.meta.size_bytes); !announced) {
    return std::unexpected(std::move(announced.error()));
  }
  const Result<Copied> copied = copy(key, object.meta, upload, go_on);
  if (!copied) return std::unexpected(copied.error());
  if (*copied != Copied::whole) return *copied == Copied::gone;
  const Result<bool> moved = parts_.writer.move(key, object, upload);
  if (!moved) return moved;
  if (*moved) StoreCounters::add(parts_.database.counters().objects_converted, 1);
  return true;
}

Result<ChunkConversion::Copied> ChunkConversion::copy(const std::string& key, const ObjectMeta& meta,
                                                      RocksdbUpload& upload, const GoOn& go_on) {
  const Result<std::unique_ptr<RevisionReader>> opened = parts_.opener.open(key);
  if (!opened) return std::unexpected(opened.error());
  if (*opened == nullptr || (*opened)->meta() != meta) return Copied::gone;
  RevisionReader& reader = **opened;
  for (std::uint64_t offset = 0; offset < meta.size_bytes;) {
    const Result<std::span<const std::byte>> piece = reader.read(offset, kPieceBytes);
    if (!piece) return std::unexpected(piece.error());
    if (Status written = upload.write(*piece); !written) return std::unexpected(std::move(written.error()));
    offset += piece->size();
    if (!go_on()) return Copied::cut_short;
  }
  Result<std::string> description = reader.description();
  if (!description) return std::unexpected(std::move(description.error()));
  upload.describe(std::move(*description));
  if (Status finished = upload.finish(); !finished) return std::unexpected(std::move(finished.error()));
  return Copied::whole;
}

}  // namespace sconce::server::storage
