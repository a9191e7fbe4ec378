#include "server/storage/rocksdb/reader.h"

#include <algorithm>

#include "core/bytes/free_memory.h"

namespace sconce::server::storage {

namespace {

// Of what one reader leaves in memory, so that none pushes everything else out.
constexpr std::uint64_t kKeptBytesMax = 8 << 20;

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

void RocksdbReader::release() {
  core::free_memory(chunks_);
  held_.Reset();
  core::free_memory(*held_.GetSelf());  // what was copied out of RocksDB's memory; Reset keeps that room
  piece_ = {};
  is_in_memory_ = false;
}

std::uint64_t RocksdbReader::chunk_count() const {
  const std::uint64_t chunk_bytes = object_.placement.chunk_bytes;
  return object_.meta.size_bytes / chunk_bytes + (object_.meta.size_bytes % chunk_bytes == 0 ? 0 : 1);
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
  if (value.size() != object_.meta.size_bytes) return not_what_was_written();
  held_ = std::move(value);
  piece_ = held_.ToStringView();
  is_in_memory_ = true;
  return {};
}

Status RocksdbReader::give_chunks(std::vector<rocksdb::PinnableSlice> chunks) {
  std::uint64_t left = object_.meta.size_bytes;
  for (const rocksdb::PinnableSlice& chunk : chunks) {
    if (chunk.size() != std::min<std::uint64_t>(left, object_.placement.chunk_bytes)) return not_what_was_written();
    left -= chunk.size();
  }
  if (left != 0) return not_what_was_written();
  chunks_ = std::move(chunks);
  is_in_memory_ = true;
  return {};
}

Status RocksdbReader::load_chunk(std::uint64_t number) {
  piece_offset_ = number * object_.placement.chunk_bytes;
  if (number < chunks_.size()) {
    piece_ = chunks_[number].ToStringView();
    return {};
  }
  piece_ = {};
  const bool keep = is_worth_keeping(piece_offset_);
  if (Status read = database_.chunk_of(object_.placement, number, keep, held_); !read) return read;
  if (keep) kept_bytes_ += held_.size();
  const std::uint64_t left = object_.meta.size_bytes - piece_offset_;
  if (held_.size() != std::min<std::uint64_t>(left, object_.placement.chunk_bytes)) return not_what_was_written();
  piece_ = held_.ToStringView();
  return {};
}

/// Parts of objects are likely to be read again, and small ones; large ones that are read through are not.
bool RocksdbReader::is_worth_keeping(std::uint64_t offset) const {
  const bool is_read_through = object_.meta.size_bytes > kKeptBytesMax && offset == hashed_bytes_;
  return !is_read_through && kept_bytes_ < kKeptBytesMax;
}

Status RocksdbReader::check(std::uint64_t offset, std::span<const std::byte> bytes) {
  if (offset != hashed_bytes_) return {};
  hashed_bytes_ += bytes.size();
  const bool is_whole = bytes.size() == object_.meta.size_bytes;
  if (is_whole) return hash_of(bytes) == object_.meta.content_hash ? Status() : not_what_was_written();
  if (!hasher_) hasher_.emplace();
  hasher_->update(bytes);
  if (hashed_bytes_ < object_.meta.size_bytes || hasher_->digest() == object_.meta.content_hash) return {};
  return not_what_was_written();
}

}  // namespace sconce::server::storage
