#include "server/storage/rocksdb/upload.h"

#include <algorithm>
#include <utility>

#include "core/bytes/free_memory.h"

namespace sconce::server::storage {

namespace {

// From this size on an upload has a pack of its own, whose space comes back when it goes.
constexpr std::uint64_t kOwnPackBytesMin = 32 << 20;

}  // namespace

RocksdbUpload::RocksdbUpload(RocksdbDatabase& database, RevisionClock& clock, std::uint64_t bytes_max, Discard discard)
    : database_(database),
      clock_(clock),
      bytes_max_(bytes_max),
      discard_(std::move(discard)),
      room_(database.space()) {}

RocksdbUpload::~RocksdbUpload() {
  if (spooled_) discard_(*spooled_);
  discard_segment();
}

Status RocksdbUpload::announce(std::uint64_t bytes) {
  announced_bytes_ = bytes;
  return room_.announce(bytes);
}

bool RocksdbUpload::discard_segment() noexcept {
  if (segment_ == nullptr) return false;
  const bool is_finished = segment_->is_finished();
  if (is_finished) database_.packs().discard(segment_->segment());
  segment_.reset();
  return true;
}

Status RocksdbUpload::write(std::span<const std::byte> bytes) {
  if (bytes.size() > bytes_max_ - size_bytes_) {
    return core::fail(core::ErrorCode::limit_exceeded,
                      "the object is larger than the " + std::to_string(bytes_max_) + " bytes that the store takes");
  }
  size_bytes_ += bytes.size();
  hasher_->update(bytes);
  // A single chunk stays in memory: it may be all there is, and then it is one value.
  const auto is_chunk = [this](std::size_t size) {
    return size > kChunkBytes || (size == kChunkBytes && segment_ != nullptr);
  };
  while (is_chunk(buffer_.size() + bytes.size())) {
    if (buffer_.empty()) {
      if (Status added = add_chunk(bytes.first(kChunkBytes)); !added) return added;
      bytes = bytes.subspan(kChunkBytes);
      continue;
    }
    const std::span<const std::byte> filling = bytes.first(kChunkBytes - buffer_.size());
    buffer_.append(reinterpret_cast<const char*>(filling.data()), filling.size());
    bytes = bytes.subspan(filling.size());
    if (Status added = add_chunk(std::as_bytes(std::span(buffer_))); !added) return added;
    buffer_.clear();
  }
  buffer_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return {};
}

Status RocksdbUpload::finish() {
  if (!hasher_) {
    if (segment_ == nullptr || segment_->is_finished()) return {};
    return core::fail(core::ErrorCode::io_error, "the upload has failed before");
  }
  content_hash_ = hasher_->digest();
  hasher_.reset();
  if (segment_ == nullptr) {
    room_.end();
    return {};
  }
  if (!buffer_.empty()) {
    if (Status added = add_chunk(std::as_bytes(std::span(buffer_))); !added) return added;
    core::free_memory(buffer_);
  }
  if (!description_.empty()) {
    if (Status taken = room_.take(description_.size()); !taken) return taken;
    if (Status added = note_shortage(segment_->add_description(description_)); !added) return added;
    core::free_memory(description_);
  }
  Status finished = note_shortage(segment_->finish(content_hash_));
  file_.reset();
  room_.end();
  return finished;
}

/// A disk that is full all the same, or a quota, is told of once.
Status RocksdbUpload::note_shortage(Status written) {
  if (!written && written.error().code == core::ErrorCode::no_space) database_.space().failed();
  return written;
}

Status RocksdbUpload::spool() {
  if (Status finished = finish(); !finished) return finished;
  if (segment_ != nullptr || spooled_) return {};
  const Placement placement{.id = clock_.next(std::chrono::system_clock::now())};
  // In the log, and once more when it is flushed.
  if (Status has_room = database_.space().check_room_for(2 * buffer_.size()); !has_room) return has_room;
  const Result<std::uint64_t> opening = database_.spool(placement, buffer_);
  if (!opening) return note_shortage(std::unexpected(opening.error()));
  spooled_ = placement;
  spooled_in_ = *opening;
  core::free_memory(buffer_);
  return {};
}

Status RocksdbUpload::check_spooled() const {
  if (!spooled_ || spooled_in_ == database_.openings()) return {};
  return core::fail(
      core::ErrorCode::unavailable,
      "the store had to open its files again, and may have lost what it had of this write; send it again");
}

Placement RocksdbUpload::add_to(rocksdb::WriteBatch& batch, const Revision& id) const {
  if (segment_ != nullptr) return {.id = segment_->id(), .kind = Placement::Kind::segment};
  if (!spooled_) {
    const Placement placement{.id = id};
    database_.put_value(batch, placement, buffer_);
    return placement;
  }
  database_.keep_spooled(batch, *spooled_);
  return *spooled_;
}

void RocksdbUpload::committed() noexcept {
  spooled_.reset();
  segment_.reset();
}

void RocksdbUpload::abandoned() noexcept {
  if (segment_ != nullptr) database_.packs().abandon(segment_->id(), segment_->segment());
  committed();
}

Status RocksdbUpload::add_chunk(std::span<const std::byte> chunk) {
  if (Status taken = room_.take(chunk.size()); !taken) return taken;
  if (segment_ == nullptr) {
    if (Status begun = note_shortage(begin_segment()); !begun) return begun;
  }
  return note_shortage(segment_->add(chunk));
}

Status RocksdbUpload::begin_segment() {
  Result<FileCount::Share> file = database_.open_file();
  if (!file) return std::unexpected(std::move(file.error()));
  file_.emplace(std::move(*file));
  const Revision id = clock_.next(std::chrono::system_clock::now());
  Result<Packs::Place> place = database_.packs().place(id, announced_bytes_ >= kOwnPackBytesMin);
  if (!place) return std::unexpected(std::move(place.error()));
  segment_ = std::make_unique<SegmentWriter>(id, std::move(*place));
  return {};
}

}  // namespace sconce::server::storage
