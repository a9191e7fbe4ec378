#include "server/storage/rocksdb_reader.h"

#include <algorithm>

namespace sconce::server::storage {

namespace {

Status not_what_was_written() {
  return core::fail(core::ErrorCode::corrupt, "an object's bytes are not what was written");
}

}  // namespace

RocksdbReader::RocksdbReader(RocksdbDatabase& database, StoredObject object, RevisionPins::Pin pin)
    : database_(database), object_(std::move(object)), pin_(std::move(pin)) {}

Result<std::span<const std::byte>> RocksdbReader::read(std::uint64_t offset, std::size_t size) {
  if (size == 0) return std::span<const std::byte>();
  const bool loaded = offset >= piece_offset_ && offset - piece_offset_ < piece_.size();
  if (!loaded) {
    if (Status read = load(offset); !read) return std::unexpected(std::move(read.error()));
  }
  const auto piece = std::as_bytes(std::span(piece_.data(), piece_.size())).subspan(offset - piece_offset_);
  const std::span<const std::byte> bytes = piece.first(std::min(size, piece.size()));
  if (Status checked = check(offset, bytes); !checked) return std::unexpected(std::move(checked.error()));
  return bytes;
}

Result<std::string> RocksdbReader::description() {
  return object_.placement.in_chunks() ? database_.description_of(object_.placement) : std::string();
}

Status RocksdbReader::load(std::uint64_t offset) {
  if (!object_.placement.in_chunks()) return load_value();
  return load_chunk(offset / object_.placement.chunk_bytes);
}

Status RocksdbReader::load_value() {
  rocksdb::PinnableSlice value;
  if (Status read = database_.value_of(object_.placement, value); !read) return read;
  return give_value(std::move(value));
}

Status RocksdbReader::give_value(rocksdb::PinnableSlice value) {
  piece_ = std::move(value);
  if (piece_.size() == object_.meta.size_bytes) return {};
  piece_.Reset();
  return not_what_was_written();
}

Status RocksdbReader::load_chunk(std::uint64_t number) {
  if (Status read = database_.chunk_of(object_.placement, number, piece_); !read) return read;
  piece_offset_ = number * object_.placement.chunk_bytes;
  const std::uint64_t left = object_.meta.size_bytes - piece_offset_;
  if (piece_.size() == std::min<std::uint64_t>(left, object_.placement.chunk_bytes)) return {};
  piece_.Reset();
  return not_what_was_written();
}

Status RocksdbReader::check(std::uint64_t offset, std::span<const std::byte> bytes) {
  if (offset != hashed_bytes_) return {};
  hasher_.update(bytes);
  hashed_bytes_ += bytes.size();
  if (hashed_bytes_ < object_.meta.size_bytes || hasher_.digest() == object_.meta.content_hash) return {};
  return not_what_was_written();
}

}  // namespace sconce::server::storage
