#include "server/storage/rocksdb/files/free_space.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <string_view>
#include <utility>

namespace sconce::server::storage {

namespace {

// What is reserved at once where it is not known how much will come.
constexpr std::uint64_t kStepBytes = 4 << 20;
// Writes that fail within so long of each other, though there should be space for them, make the volume full for as
// long.
constexpr std::chrono::seconds kAfterFailure(5);

}  // namespace

FreeSpace::FreeSpace(Surroundings surroundings, std::uint64_t reserve_bytes)
    : surroundings_(std::move(surroundings)), reserve_bytes_(reserve_bytes) {}

std::uint64_t FreeSpace::available_bytes() { return look(std::unique_lock(mutex_)); }

bool FreeSpace::is_full() {
  const std::unique_lock lock(mutex_);
  look(lock);
  return full_;
}

core::Status FreeSpace::check_room_for(std::uint64_t bytes) {
  return available_bytes() >= bytes ? core::Status() : refuse(bytes);
}

core::Status FreeSpace::check_reserve_for(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t free = surroundings_.free_bytes().value_or(std::numeric_limits<std::uint64_t>::max());
  const std::uint64_t kept = surroundings_.kept_bytes() + reserved_bytes_ + reserve_bytes_ / 4;
  if (free >= kept && free - kept >= bytes) return {};
  return core::fail(core::ErrorCode::no_space, "there is no room for " + bytes_text(bytes) + " to give space back");
}

core::Status FreeSpace::refuse(std::uint64_t bytes) {
  surroundings_.refused();
  const std::unique_lock lock(mutex_);
  const std::uint64_t available = look(lock);
  if (bytes <= reserve_bytes_ / 4 && !full_) {
    begin(surroundings_.free_bytes().value_or(0), surroundings_.kept_bytes() + reserve_bytes_);
  }
  std::string text = "there is no room for " + bytes_text(bytes) + " more on the volume of the data";
  if (full_) return core::fail(core::ErrorCode::no_space, std::move(text));
  text += ": " + bytes_text(available) + " are free beside the reserve; what needs less is still taken";
  note_refused(bytes, text);
  return std::unexpected(
      core::Error{.code = core::ErrorCode::no_space, .what = std::move(text), .is_for_clients = true});
}

void FreeSpace::note_refused(std::uint64_t bytes, const std::string& text) {
  const bool begins = refused_bytes_ == 0;
  refused_bytes_ = begins ? bytes : std::min(refused_bytes_, bytes);
  if (begins) surroundings_.tell_refused(text);
}

void FreeSpace::failed() {
  const std::lock_guard lock(mutex_);
  const Clock::time_point now = Clock::now();
  if (failed_at_ && now - *failed_at_ < kAfterFailure) full_until_ = now + kAfterFailure;
  failed_at_ = now;
  if (!full_) begin(surroundings_.free_bytes().value_or(0), surroundings_.kept_bytes() + reserve_bytes_);
}

void FreeSpace::begin(std::uint64_t free_bytes, std::uint64_t kept_bytes) {
  full_ = true;
  refused_bytes_ = 0;
  kept_at_begin_ = kept_bytes;
  surroundings_.tell_full("the disk is full: " + bytes_text(free_bytes) + " are free, and " + bytes_text(kept_bytes) +
                          " are kept for what is still to be written and for deletes; what stores more is answered "
                          "507, reads and deletes go on");
}

/// What may be written now.
std::uint64_t FreeSpace::look(const std::unique_lock<std::mutex>&) {
  const std::optional<std::uint64_t> free = surroundings_.free_bytes();
  if (!free && !full_) return std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t free_bytes = free.value_or(std::numeric_limits<std::uint64_t>::max());
  const std::uint64_t kept = surroundings_.kept_bytes() + reserve_bytes_;
  if (!full_ && free_bytes < kept) begin(free_bytes, kept);
  // That what was in memory has been flushed makes no room for more than as much again.
  const std::uint64_t to_end = std::max(kept, kept_at_begin_) + reserve_bytes_ / 2;
  if (full_ && free_bytes >= to_end && Clock::now() >= full_until_) {
    full_ = false;
    surroundings_.tell_ended("the disk is no longer full: " + bytes_text(free_bytes) + " are free; writes go on");
  }
  if (full_) return 0;
  const std::uint64_t spare = free_bytes - kept;
  const std::uint64_t available = spare - std::min(spare, reserved_bytes_);
  if (available >= refused_bytes_) refused_bytes_ = 0;
  return available;
}

bool FreeSpace::reserve(std::uint64_t bytes) {
  const std::unique_lock lock(mutex_);
  if (look(lock) < bytes) return false;
  reserved_bytes_ += bytes;
  return true;
}

void FreeSpace::unreserve(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  reserved_bytes_ -= bytes;
}

core::Status FreeSpace::Room::announce(std::uint64_t bytes) {
  if (!space_.reserve(bytes)) return space_.refuse(bytes);
  left_bytes_ += bytes;
  announced_ = announced_ || bytes > 0;
  return {};
}

core::Status FreeSpace::Room::take(std::uint64_t bytes) {
  if (bytes > left_bytes_) {
    const std::uint64_t more = bytes - left_bytes_;
    const std::uint64_t step = announced_ ? more : std::max(more, kStepBytes);
    if (space_.reserve(step)) left_bytes_ += step;
    else if (core::Status announced = announce(more); !announced) return announced;
  }
  left_bytes_ -= bytes;
  space_.unreserve(bytes);
  return {};
}

void FreeSpace::Room::end() { space_.unreserve(std::exchange(left_bytes_, 0)); }

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return std::to_string(bytes) + " bytes";
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f ", value);
  return text.data() + std::string(kUnits[unit]);
}

}  // namespace sconce::server::storage
