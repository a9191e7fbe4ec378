#include "server/storage/rocksdb/database/space.h"

#include <algorithm>
#include <utility>

#include "server/storage/rocksdb/database/reclaim.h"

namespace sconce::server::storage {

namespace {

// For the manifest, the log and what names them.
constexpr std::uint64_t kNewFilesBytes = 512 << 10;
// Between two times that room is made on a volume that is not full; as many times as long as it took besides.
constexpr std::chrono::seconds kMakeRoomPauseMin(1);
// After a refusal for which nothing was free, what is deleted, or was, is made free at once. What the refused request
// had written itself is among that, and dropped a moment later.
constexpr std::chrono::seconds kRoomWanted(10);
// After a compaction found no space, RocksDB's own ones wait: twice as long after each failure.
constexpr std::chrono::seconds kCompactionPauseMin(10);
constexpr std::uint32_t kCompactionPauseDoublingsMax = 6;

using Clock = std::chrono::steady_clock;

bool has_database(const std::filesystem::path& directory) {
  std::error_code none;
  return std::filesystem::exists(directory / "CURRENT", none);
}

}  // namespace

RocksdbSpace::RocksdbSpace(const std::filesystem::path& directory, Surroundings surroundings)
    : directory_(directory),
      surroundings_(std::move(surroundings)),
      sizes_(sizes_for_volume_of(directory)),
      ballast_(directory / "ballast", sizes_.ballast_bytes),
      news_(surroundings_.tell),
      free_({.free_bytes = [this] { return free_bytes(); },
             .kept_bytes = [this] { return unflushed_bytes_ + unflushed_bytes_ / 4 + ballast_.missing_bytes(); },
             .tell_full =
                 [this](const std::string& text) {
                   news_.begins(text);
                   surroundings_.wake();
                 },
             .tell_ended =
                 [this](const std::string& text) {
                   news_.ends(text);
                   surroundings_.wake();
                 },
             .refused =
                 [this] {
                   room_wanted_until_ = (Clock::now() + kRoomWanted).time_since_epoch().count();
                   surroundings_.wake();
                 },
             .tell_refused = [this](const std::string& text) { news_.refuses(text); }},
            sizes_.reserve_bytes),
      reclaimed_(has_database(directory) ? ~std::uint64_t{0} : 0) {}

std::optional<std::uint64_t> RocksdbSpace::free_bytes() const {
  std::uint64_t free = 0;
  if (!surroundings_.env.GetFreeSpace(directory_.string(), &free).ok()) return std::nullopt;
  return free;
}

bool RocksdbSpace::has_space_to_open() const {
  std::uint64_t needed = sizes_.reserve_bytes / 2;
  std::error_code failed;
  for (std::filesystem::directory_iterator file(directory_, failed), end; !failed && file != end;
       file.increment(failed)) {
    if (file->path().extension() != ".log") continue;
    std::error_code ignored;
    const std::uint64_t size_bytes = file->file_size(ignored);
    if (!ignored) needed += size_bytes;
  }
  return free_bytes().value_or(needed) >= needed;
}

bool RocksdbSpace::has_any_space() const {
  return free_bytes().value_or(kNewFilesBytes) + ballast_.bytes() >= kNewFilesBytes;
}

void RocksdbSpace::note_unflushed(RocksdbInstance& instance) {
  std::uint64_t bytes = 0;
  if (instance.db->GetAggregatedIntProperty(rocksdb::DB::Properties::kCurSizeAllMemTables, &bytes)) {
    unflushed_bytes_ = bytes;
  }
}

void RocksdbSpace::compaction_failed() {
  failures_ += 1;
  free_.failed();
}

bool RocksdbSpace::keep(RocksdbInstance& instance, std::uint64_t dropped, std::atomic<bool>& stopping) {
  news_.tell_overdue();
  note_unflushed(instance);
  if (free_.is_full()) allow_compactions(instance, false);
  make_room(instance, dropped, stopping);
  const std::uint64_t unflushed = unflushed_bytes_ + unflushed_bytes_ / 4;
  if (instance.is_tight && free_bytes().value_or(0) >= sizes_.reserve_bytes / 8 + unflushed) {
    (void)instance.end_tight();  // if it cannot be ended, it is tried again
    note_unflushed(instance);
  }
  take_ballast();
  const bool is_full = free_.is_full();
  if (!is_full) allow_compactions(instance, true);
  return is_full || instance.is_tight || instance.has_compactions_off || ballast_.missing_bytes() > 0 ||
         dropped != dropped_ || is_room_wanted();
}

bool RocksdbSpace::is_room_wanted() const { return Clock::now().time_since_epoch().count() < room_wanted_until_; }

/// At once where the volume is full and more was deleted; where it soon will be, only now and then.
void RocksdbSpace::make_room(RocksdbInstance& instance, std::uint64_t dropped, std::atomic<bool>& stopping) {
  const bool is_wanted = is_room_wanted() && dropped != reclaimed_;
  if (!free_.is_low() && !is_wanted) {
    dropped_ = dropped;
    was_full_ = false;
    return;
  }
  const bool is_full = free_.is_full();
  const bool begins = is_full && !was_full_;
  if (!begins && !is_wanted && dropped == dropped_) return;
  if (!begins &&
      Clock::now() < (is_full || is_wanted ? made_room_at_ + took_ : made_room_at_ + kMakeRoomPauseMin + 9 * took_))
    return;
  was_full_ = is_full;
  dropped_ = reclaimed_ = dropped;
  const Clock::time_point began = Clock::now();
  // What fails is tried again when more was deleted; the log has heard that the volume is full.
  (void)RocksdbReclaim(
      instance, {.sizes = sizes_, .free_bytes = [this] { return free_bytes().value_or(0); }, .stopping = stopping})
      .run();
  made_room_at_ = Clock::now();
  took_ = made_room_at_ - began;
  note_unflushed(instance);
}

void RocksdbSpace::take_ballast() {
  const std::uint64_t missing = ballast_.missing_bytes();
  if (missing == 0) return;
  const std::uint64_t needed = missing + unflushed_bytes_ + unflushed_bytes_ / 4 + sizes_.reserve_bytes / 2;
  if (free_bytes().value_or(0) < needed) return;
  (void)ballast_.take();  // if it cannot be had, it is still missing, and is tried again
}

void RocksdbSpace::allow_compactions(RocksdbInstance& instance, bool allowed) {
  if (failures_seen_ != failures_) {
    failures_seen_ = failures_;
    no_compactions_until_ =
        Clock::now() + kCompactionPauseMin * (1U << std::min(failures_seen_, kCompactionPauseDoublingsMax));
  }
  if (allowed && Clock::now() < no_compactions_until_) return;
  if (allowed == !instance.has_compactions_off) return;
  instance.set_compactions(allowed);
}

}  // namespace sconce::server::storage
