#include "server/storage/rocksdb/pack_compaction.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "server/storage/rocksdb/packs/segment_appender.h"
#include "server/storage/rocksdb/packs/segment_layout.h"

namespace sconce::server::storage {

namespace {

// Of what is copied before it is committed.
constexpr std::uint64_t kStepBytes = 8 << 20;
constexpr std::size_t kStepSegments = 256;

/// Whether `waste` is more than this part of `live`.
bool is_more(std::uint64_t waste, std::uint64_t live, unsigned percent) { return waste > live / 100 * percent; }

bool is_temporary(const core::Error& error) {
  return error.code == core::ErrorCode::no_space || error.code == core::ErrorCode::unavailable;
}

/// How many of them are copied before they are committed.
template <class Found>
std::size_t step_of(std::span<const Found> found) {
  std::uint64_t bytes = 0;
  std::size_t count = 0;
  while (count < std::min(found.size(), kStepSegments) && bytes < kStepBytes) {
    bytes += stored_bytes(found[count].segment);
    count += 1;
  }
  return count;
}

}  // namespace

/// The pack to which is copied. Where anything fails it is given up, and written to no more.
struct PackCompaction::Target {
  FileCount::Share file;
  Packs::Place place;
};

Status PackCompaction::run(const Waste& waste, const GoOn& go_on) {
  const std::lock_guard lock(mutex_);
  Status released = release_emptied();  // that a former call left
  std::optional<Target> target;
  for (bool begins = true; released && go_on(); begins = false) {
    const Result<std::optional<Revision>> pack = worst(waste, begins);
    if (!pack) return std::unexpected(pack.error());
    if (!*pack) return {};
    if (!parts_.database.packs().table().close(**pack)) continue;  // somebody writes to it again
    emptied_.push_back(**pack);
    if (Status emptied = empty(**pack, target, go_on); !emptied) return emptied;
    released = release_emptied();
  }
  return released;
}

/// The pack with the most waste for what lives in it, if there is too much in all. One with other names, a backup's for
/// instance, gives nothing back.
Result<std::optional<Revision>> PackCompaction::worst(const Waste& waste, bool begins) {
  Packs& packs = parts_.database.packs();
  std::uint64_t all_live = 0;
  std::uint64_t all_waste = 0;
  std::optional<Revision> worst;
  double worst_part = 0;
  for (const Revision& pack : packs.table().at_rest()) {
    if (stuck_.contains(pack)) continue;
    const Result<PackSpace> space = packs.space_of(pack);
    if (!space) return std::unexpected(space.error());
    const std::uint64_t live = packs.table().record_of(pack).live_bytes;
    if (live == 0 || space->names != 1) continue;
    const std::uint64_t wasted = space->bytes > live ? space->bytes - live : 0;
    all_live += live;
    all_waste += wasted;
    const double part = static_cast<double>(wasted) / static_cast<double>(live);
    if (!is_more(wasted, live, waste.ends_percent) || part <= worst_part) continue;
    worst = pack;
    worst_part = part;
  }
  if (begins && all_waste < waste.begins_bytes) return std::nullopt;
  if (!is_more(all_waste, all_live, begins ? waste.begins_percent : waste.ends_percent)) return std::nullopt;
  return worst;
}

/// What cannot be read stays, and its pack is left out from now on.
Status PackCompaction::empty(const Revision& pack, std::optional<Target>& target, const GoOn& go_on) {
  const Result<std::vector<Found>> living = living_in(pack);
  if (!living && is_temporary(living.error())) return std::unexpected(living.error());
  if (!living) {
    stuck_.insert(pack);
    report_to(parts_.report, living.error());
    return {};
  }
  bool goes_on = true;
  const GoOn note = [&] { return goes_on = goes_on && go_on(); };
  for (std::span<const Found> left(*living); !left.empty() && goes_on;) {
    const std::span<const Found> step = left.first(step_of(left));
    left = left.subspan(step.size());
    if (Status moved = move(step, target, note); !moved) return moved;
  }
  const std::uint64_t stays = parts_.database.packs().table().record_of(pack).live_bytes;
  if (!goes_on || stays == 0) return {};
  stuck_.insert(pack);
  report_to(parts_.report, {.code = core::ErrorCode::corrupt,
                            .what = "`" + parts_.database.packs().path_of(pack) + "` keeps its space: " +
                                    bytes_text(stays) + " of it cannot be moved; `sconce check` says what is damaged"});
  return {};
}

/// Once nothing but table files is needed to find what was moved.
Status PackCompaction::release_emptied() {
  if (emptied_.empty()) return {};
  if (Status flushed = parts_.database.flush_moves(); !flushed) return flushed;
  for (const Revision& pack : emptied_) parts_.database.packs().release(pack);
  emptied_.clear();
  return {};
}

/// By their heads, in order.
Result<std::vector<PackCompaction::Found>> PackCompaction::living_in(const Revision& pack) {
  std::vector<Found> living;
  Status known;
  const Status walked = parts_.database.packs().walk(pack, [&](const Revision& id, const Segment& there) {
    const Result<std::optional<Segment>> segment = parts_.database.segment_at(id);
    if (!segment) known = std::unexpected(segment.error());
    else if (*segment && (*segment)->references > 0 && is_same_place(**segment, there)) {
      living.push_back({.id = id, .segment = **segment});
    }
  });
  if (!walked) return std::unexpected(walked.error());
  if (!known) return std::unexpected(known.error());
  return living;
}

Status PackCompaction::begin(std::optional<Target>& target) {
  if (target && parts_.database.packs().table().is_full(target->place.begin())) target.reset();
  if (target) return {};
  Result<FileCount::Share> file = parts_.database.open_file();
  if (!file) return std::unexpected(std::move(file.error()));
  const Revision id = parts_.clock.next(std::chrono::system_clock::now());
  Result<Packs::Place> place = parts_.database.packs().place(id, true);
  if (!place) return std::unexpected(std::move(place.error()));
  target.emplace(Target{.file = std::move(*file), .place = std::move(*place)});
  return {};
}

Status PackCompaction::move(std::span<const Found> step, std::optional<Target>& target, const GoOn& go_on) {
  if (Status begun = begin(target); !begun) return begun;
  std::vector<SegmentMove> copies;
  Status copied = copy(step, *target, copies, go_on);
  if (copied && !copies.empty()) copied = target->place.sync();
  if (!copied) {
    for (const SegmentMove& move : copies) parts_.database.packs().discard(move.to);
    return copied;
  }
  if (copies.empty()) return {};
  const Result<std::size_t> moved = parts_.writer.move(copies);
  if (!moved) return std::unexpected(moved.error());
  StoreCounters::add(parts_.database.counters().segments_moved, *moved);
  return {};
}

Status PackCompaction::copy(std::span<const Found> step, Target& target, std::vector<SegmentMove>& copies,
                            const GoOn& go_on) {
  for (const Found& found : step) {
    const std::uint64_t bytes = stored_bytes(found.segment);
    if (Status room = parts_.database.space().check_reserve_for(bytes); !room) return room;
    const auto copied = copy_segment(parts_.database.packs(), found.id, found.segment, target.place, go_on);
    if (copied && !*copied) return {};  // it is not to go on
    if (copied) {
      target.place.add_segment((*copied)->offset + bytes);
      copies.push_back({.id = found.id, .from = found.segment, .to = **copied});
    } else if (target.place.has_failed() || is_temporary(copied.error())) {
      return std::unexpected(copied.error());
    } else if (Status told = report_damage(found, copied.error()); !told) {
      return told;
    }
  }
  return {};
}

/// Unless the segment has gone meanwhile.
Status PackCompaction::report_damage(const Found& found, const core::Error& error) {
  const Result<std::optional<Segment>> now = parts_.database.segment_at(found.id);
  if (!now) return std::unexpected(now.error());
  const bool is_damaged = *now && (*now)->references > 0 && is_same_place(**now, found.segment);
  if (is_damaged) report_to(parts_.report, error);
  return {};
}

}  // namespace sconce::server::storage
