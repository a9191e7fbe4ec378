#include "server/storage/rocksdb/packs/packs.h"

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "server/storage/failure_report.h"
#include "server/storage/rocksdb/files/status.h"
#include "server/storage/rocksdb/packs/segment_layout.h"

namespace sconce::server::storage {

namespace {

// Of any: what a file can have.
constexpr std::uint64_t kOffsetMax = std::uint64_t{1} << 62;

core::Error damaged(const std::string& path, std::uint64_t offset) {
  return {
      .code = core::ErrorCode::corrupt,
      .what = "`" + path + "` is damaged: the chunk at byte " + std::to_string(offset) + " is not what was written"};
}

Segment segment_of(const Revision& pack, std::uint64_t offset, const SegmentHead& head) {
  return {.pack = pack,
          .offset = offset,
          .size_bytes = head.size_bytes,
          .description_bytes = head.description_bytes,
          .content_hash = head.content_hash};
}

/// Its last page need not be full.
bool fits(const SegmentHead& head, std::uint64_t bytes) {
  return head.size_bytes <= bytes && head.description_bytes <= bytes &&
         stored_bytes(head.size_bytes, head.description_bytes) < bytes + kSegmentAlignment;
}

}  // namespace

Packs::Packs(Surroundings surroundings)
    : report_(std::move(surroundings.report)),
      directory_(std::move(surroundings.files), std::move(surroundings.directory)),
      open_(directory_, surroundings.open_files_max),
      cache_(std::move(surroundings.cache)),
      table_(surroundings.limits) {}

Status Packs::load(const std::map<Revision, PackRecord>& known, std::span<const Revision> garbage) {
  if (is_loaded_) return {};
  const Result<std::vector<Revision>> found = directory_.list();
  if (!found) return std::unexpected(found.error());
  for (const Revision& pack : *found) {
    if (known.contains(pack)) continue;
    if (const Status removed = directory_.remove(pack); !removed) report_(removed.error());
  }
  for (const auto& [pack, record] : known) {
    table_.add_sealed(pack, record);
    if (!std::ranges::binary_search(*found, pack)) {
      if (record.live_bytes == 0) continue;
      report_({.code = core::ErrorCode::corrupt, .what = "`" + directory_.path_of(pack) + "` is missing"});
    } else if (const Status fits = cut(pack, record); !fits) {
      report_(fits.error());  // nothing is ever read there
    }
  }
  for (const Revision& pack : garbage) table_.add_garbage(pack);
  for (const auto& [pack, record] : known) {
    if (table_.is_empty(pack)) remove(pack);
  }
  is_loaded_ = true;
  return {};
}

/// What a crash left after the last segment that was committed.
Status Packs::cut(const Revision& pack, const PackRecord& record) {
  const Result<std::uint64_t> size = directory_.size_of(pack);
  if (!size) return std::unexpected(size.error());
  // The last page of a segment need not be full.
  if (*size + kSegmentAlignment <= record.end_bytes && record.live_bytes > 0) {
    report_({.code = core::ErrorCode::corrupt,
             .what = "`" + directory_.path_of(pack) + "` has " + std::to_string(*size) + " bytes, and should have " +
                     std::to_string(record.end_bytes)});
  }
  if (*size <= record.end_bytes) return {};
  const Result<std::uint64_t> names = directory_.count_names(pack);
  if (!names) return std::unexpected(names.error());
  return *names > 1 ? Status() : directory_.truncate(pack, record.end_bytes);
}

Result<Packs::Place> Packs::place(const Revision& id, bool is_large) {
  if (!is_loaded_) {
    return core::fail(core::ErrorCode::unavailable, "the store is open to be read only, until it has found some space");
  }
  while (!is_large) {
    const std::optional<PackTable::Lease> lease = table_.lease();
    if (!lease) break;
    Place place(*this, *lease);
    const Result<std::uint64_t> names = directory_.count_names(lease->pack);
    if (names && *names == 1) return place;
    place.leave();
    if (table_.seal(lease->pack)) remove(lease->pack);
  }
  auto file = directory_.create(id);
  if (!file) return std::unexpected(std::move(file.error()));
  return Place(*this, table_.add(id, std::move(*file), !is_large));
}

Packs::Place::Place(Place&& other) noexcept
    : packs_(std::exchange(other.packs_, nullptr)),
      lease_(other.lease_),
      written_end_(other.written_end_),
      has_failed_(other.has_failed_) {}

Packs::Place::~Place() {
  if (packs_ != nullptr) packs_->end(lease_, written_end_ > lease_.begin, has_failed_);
}

Status Packs::Place::write(std::uint64_t offset, std::string_view bytes) {
  written_end_ = std::max(written_end_, offset + bytes.size());
  const rocksdb::IOStatus written = lease_.file->Write(offset, rocksdb::Slice(bytes.data(), bytes.size()), {}, nullptr);
  if (written.ok()) return {};
  has_failed_ = true;
  return std::unexpected(error_from(written, "cannot write to a pack"));
}

Status Packs::Place::sync() {
  if (has_failed_) return core::fail(core::ErrorCode::io_error, "a write to a pack has failed before");
  const rocksdb::IOStatus synced = lease_.file->Sync({}, nullptr);
  if (synced.ok()) return {};
  has_failed_ = true;
  return std::unexpected(error_from(synced, "cannot sync a pack"));
}

void Packs::Place::add_segment(std::uint64_t end) {
  packs_->table_.extend(lease_.pack, end);
  lease_.begin = end;
}

void Packs::Place::leave() { packs_ = nullptr; }

void Packs::Place::finish(std::uint64_t end) { std::exchange(packs_, nullptr)->table_.finish(lease_.pack, end); }

/// Without a segment: what was written of one is cut off. Where that fails, or the disk has failed before, nothing is
/// written after it.
void Packs::end(const PackTable::Lease& lease, bool has_more, bool has_failed) noexcept {
  bool is_cut = false;
  try {
    const Status cut = has_more ? directory_.truncate(lease.pack, lease.begin) : Status();
    if (!cut) report_(cut.error());
    is_cut = cut.has_value();
  } catch (const std::bad_alloc& thrown) {
    report_to(report_, error_of(thrown));
  }
  const bool may_go = is_cut && !has_failed ? table_.give_back(lease.pack) : table_.seal(lease.pack);
  if (may_go) remove(lease.pack);
}

void Packs::discard(const Segment& segment) noexcept {
  try {
    if (const Status freed = free(segment); !freed) report_(freed.error());
  } catch (const std::bad_alloc& thrown) {
    report_to(report_, error_of(thrown));
  }
  if (table_.discard(segment.pack)) remove(segment.pack);
}

void Packs::abandon(const Revision& id, const Segment& segment) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    abandoned_.push_back({.id = id, .segment = segment});
  } catch (const std::bad_alloc& thrown) {
    report_to(report_, error_of(thrown));  // its space comes back with the next start
  }
}

Status Packs::discard_abandoned(const std::function<Result<bool>(const Revision&, const Segment&)>& is_recorded) {
  std::vector<Abandoned> abandoned;
  {
    const std::lock_guard lock(mutex_);
    abandoned.swap(abandoned_);
  }
  Status looked_up;
  std::vector<Abandoned> unknown;
  for (const Abandoned& one : abandoned) {
    const Result<bool> recorded = is_recorded(one.id, one.segment);
    if (!recorded) {
      looked_up = std::unexpected(recorded.error());
      unknown.push_back(one);
    } else if (*recorded) {
      table_.commit(one.segment.pack, {.record = table_.record_of(one.segment.pack), .committed = 1});
    } else {
      discard(one.segment);
    }
  }
  const std::lock_guard lock(mutex_);
  abandoned_.insert(abandoned_.end(), unknown.begin(), unknown.end());
  return looked_up;
}

/// The page of its head stays, so that the pack can be walked through.
Status Packs::free(const Segment& segment) {
  const std::uint64_t bytes = stored_bytes(segment) - kSegmentAlignment;
  if (bytes == 0) return {};
  const Result<std::uint64_t> names = directory_.count_names(segment.pack);
  if (!names) return std::unexpected(names.error());
  if (*names != 1) return {};  // the pack is gone, or a backup has it
  Status punched = directory_.punch(segment.pack, segment.offset + kSegmentAlignment, bytes);
  if (punched || punched.error().code == core::ErrorCode::unavailable) return punched;
  report_(punched.error());
  return {};
}

void Packs::release(const Revision& pack) {
  if (table_.release(pack)) remove(pack);
}

void Packs::dropped(const Segment& segment) {
  if (table_.drop_segment(segment.pack)) remove(segment.pack);
}

/// What is left of it if that fails is removed at the next start.
void Packs::remove(const Revision& pack) noexcept {
  try {
    if (const Status removed = directory_.remove(pack); !removed) report_(removed.error());
    open_.close(pack);
    table_.remove(pack);
    const std::lock_guard lock(mutex_);
    removed_.push_back(pack);
  } catch (const std::bad_alloc& thrown) {
    report_to(report_, error_of(thrown));
  }
}

std::vector<Revision> Packs::removed() {
  const std::lock_guard lock(mutex_);
  return removed_;
}

void Packs::forget_removed(std::size_t count) {
  const std::lock_guard lock(mutex_);
  removed_.erase(removed_.begin(), removed_.begin() + static_cast<std::ptrdiff_t>(count));
}

Status Packs::read(const Revision& id, const Segment& segment, std::uint64_t number, bool keep,
                   rocksdb::PinnableSlice& bytes) {
  Result<std::string> chunk = read_chunk(id, segment, number);
  if (!chunk) return std::unexpected(std::move(chunk.error()));
  if (keep) {
    cache_.keep(id, number, std::move(*chunk), bytes);
    return {};
  }
  bytes.Reset();
  *bytes.GetSelf() = std::move(*chunk);
  bytes.PinSelf();
  return {};
}

Result<std::string> Packs::read_description(const Revision& id, const Segment& segment) {
  std::string description;
  const std::uint64_t first = chunk_count(segment.size_bytes);
  for (std::uint64_t i = 0; i < chunk_count(segment.description_bytes); ++i) {
    const Result<std::string> chunk = read_chunk(id, segment, first + i);
    if (!chunk) return std::unexpected(chunk.error());
    description += *chunk;
  }
  return description;
}

Status Packs::walk(const Revision& pack, const Look& look) {
  const Result<OpenPacks::File> file = open_.open(pack);
  if (!file) return std::unexpected(file.error());
  const Result<std::uint64_t> size = directory_.size_of(pack);
  if (!size) return std::unexpected(size.error());
  std::array<char, kSegmentHeadBytes> room{};
  for (std::uint64_t offset = kPackHeadBytes;;) {
    rocksdb::Slice read;
    const rocksdb::IOStatus status = (*file)->Read(offset, room.size(), {}, &read, room.data(), nullptr);
    if (!status.ok()) return std::unexpected(error_from(status, "cannot read a pack"));
    if (read.size() < room.size()) return {};
    const std::optional<SegmentHead> head = decode_head(read.ToStringView());
    const bool is_whole = head && fits(*head, *size - offset);  // what is no head may look like one
    if (is_whole) look(head->id, segment_of(pack, offset, *head));
    offset += is_whole ? stored_bytes(head->size_bytes, head->description_bytes) : kSegmentAlignment;
  }
}

Result<std::string> Packs::read_chunk(const Revision& id, const Segment& segment, std::uint64_t number) {
  const ChunkPlace place = place_of_chunk(segment, number);
  if (place.offset > kOffsetMax) return std::unexpected(damaged(directory_.path_of(segment.pack), place.offset));
  const Result<OpenPacks::File> file = open_.open(segment.pack);
  if (!file) return std::unexpected(file.error());
  rocksdb::Slice read;
  rocksdb::IOStatus status;
  std::string chunk;
  const std::size_t stored = place.size_bytes + kChecksumBytes;
  // The size that GCC 12 gives may be larger than the one that was asked for.
  chunk.resize_and_overwrite(stored, [&](char* room, std::size_t) {
    status = (*file)->Read(place.offset, stored, {}, &read, room, nullptr);
    return stored;
  });
  if (!status.ok()) return std::unexpected(error_from(status, "cannot read a pack"));
  const std::string_view bytes = read.ToStringView();
  if (bytes.size() != chunk.size()) return std::unexpected(damaged(directory_.path_of(segment.pack), place.offset));
  const auto content = std::as_bytes(std::span(bytes)).first(place.size_bytes);
  if (bytes.substr(place.size_bytes) != checksum_bytes(checksum_of_chunk(id, number, content))) {
    return std::unexpected(damaged(directory_.path_of(segment.pack), place.offset));
  }
  chunk.resize(place.size_bytes);
  return chunk;
}

}  // namespace sconce::server::storage
