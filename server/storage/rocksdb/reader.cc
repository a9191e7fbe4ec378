#include "server/storage/rocksdb/reader.h"

#include <algorithm>

#include "core/bytes/free_memory.h"
#include "server/storage/rocksdb/packs/segment_layout.h"

namespace sconce::server::storage {

namespace {

// Of what one reader leaves in memory, so that none pushes everything else out.
constexpr std::uint64_t kKeptBytesMax = 8 << 20;

Status not_what_was_written() {
  return core::fail(core::ErrorCode::corrupt, "an object's bytes are not what was written");
}

}  // namespace

RocksdbReader::RocksdbReader(RocksdbDatabase& database, StoredObject object, std::vector<RevisionPins::Pin> pins)
    : database_(database), object_(std::move(object)), pins_(std::move(pins)) {}

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

/// What is pinned in a cache, or was copied.
std::uint64_t RocksdbReader::held_bytes() const {
  std::uint64_t bytes = held_.size();
  for (const rocksdb::PinnableSlice& chunk : chunks_) bytes += chunk.size();
  return bytes;
}

void RocksdbReader::release() {
  core::free_memory(chunks_);
  held_.Reset();
  core::free_memory(*held_.GetSelf());  // what was copied out of RocksDB's memory; Reset keeps that room
  piece_ = {};
  is_in_memory_ = false;
}

bool RocksdbReader::begins_its_placement() const {
  return object_.extents.size() == 1 && object_.extents[0].offset == 0;
}

std::uint64_t RocksdbReader::chunk_count() const { return storage::chunk_count(object_.meta.size_bytes); }

/// A description tells of all bytes of an upload, so of an object that is the upload.
Result<std::string> RocksdbReader::description() {
  if (object_.is_value() || !begins_its_placement()) return std::string();
  return database_.description_of(object_.placement(), object_.meta.size_bytes);
}

Status RocksdbReader::load(std::uint64_t offset) {
  if (object_.is_value()) return load_value();
  if (chunks_.empty()) return load_chunk(offset);
  load_given(offset / kChunkBytes);
  return {};
}

Status RocksdbReader::load_value() {
  rocksdb::PinnableSlice value;
  if (Status read = database_.value_of(object_.placement(), value); !read) return read;
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
    const std::uint64_t needed = std::min<std::uint64_t>(left, kChunkBytes);
    if (chunk.size() < needed) return not_what_was_written();
    left -= needed;
  }
  if (left != 0) return not_what_was_written();
  chunks_ = std::move(chunks);
  is_in_memory_ = true;
  return {};
}

void RocksdbReader::load_given(std::uint64_t number) {
  piece_offset_ = number * kChunkBytes;
  piece_ = chunks_[number].ToStringView().substr(0, object_.meta.size_bytes - piece_offset_);
}

/// Objects are read in order, so it looks on from the last one.
void RocksdbReader::find_extent(std::uint64_t offset) {
  if (offset < extent_begin_) extent_ = extent_begin_ = 0;
  while (offset - extent_begin_ >= object_.extents[extent_].size_bytes) {
    extent_begin_ += object_.extents[extent_].size_bytes;
    extent_ += 1;
  }
}

Status RocksdbReader::load_chunk(std::uint64_t offset) {
  piece_ = {};
  find_extent(offset);
  const Extent& extent = object_.extents[extent_];
  const std::uint64_t number = (extent.offset + offset - extent_begin_) / kChunkBytes;
  const bool keep = is_worth_keeping(offset);
  if (Status read = database_.chunk_of(extent.placement, number, keep, held_); !read) return read;
  if (keep) kept_bytes_ += held_.size();
  // What the extent has of the chunk.
  const std::uint64_t chunk_begin = number * kChunkBytes;
  const std::uint64_t first = std::max(chunk_begin, extent.offset);
  const std::uint64_t last = std::min(chunk_begin + kChunkBytes, extent.offset + extent.size_bytes);
  if (held_.size() < last - chunk_begin) return not_what_was_written();
  piece_ = held_.ToStringView().substr(first - chunk_begin, last - first);
  piece_offset_ = extent_begin_ + first - extent.offset;
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
