#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "core/error.h"

namespace sconce::server::storage {

/// What may still be written to the volume of the data. Free bytes beside, it is full where less is left than is kept:
/// for what is in memory and will be written when it is flushed, for the ballast where that was given up, and a
/// reserve. Then nothing is to be written but what makes room, until a part of the reserve more is free: so a store
/// does not go to and fro between the two with each write.
///
/// Free space is shared with others, who may take it at any time: this keeps the store's own writes from the last of
/// it, and does not promise that a write succeeds.
/// Threads: safe from many.
class FreeSpace {
 public:
  struct Surroundings {
    std::function<std::optional<std::uint64_t>()> free_bytes;  ///< Of the volume; nothing where that cannot be told.
    std::function<std::uint64_t()> kept_bytes;                 ///< Beside the reserve.
    std::function<void(const std::string&)> tell_full;         ///< Called once when the volume is full,
    std::function<void(const std::string&)> tell_ended;        ///< and once when it no longer is.
    std::function<void()> refused = [] {};                     ///< There was no room for something.
    /// There is no room for something, though the volume is not full. Called once until there is room for as much.
    std::function<void(const std::string&)> tell_refused = [](const std::string&) {};
  };
  FreeSpace(Surroundings surroundings, std::uint64_t reserve_bytes);

  /// What may be written now: 0 while the volume is full.
  std::uint64_t available_bytes();

  /// Errors: no_space, if there is no room for this many bytes.
  core::Status check_room_for(std::uint64_t bytes);
  /// The same of what gives back as much soon: it may also take of the reserve, but for a quarter of it. A refusal says
  /// nothing of the volume.
  core::Status check_reserve_for(std::uint64_t bytes);
  /// There was no room for this many bytes: the error that says so. Little is too much only for a volume that is full;
  /// for much, some that was deleted may be made free, and less may still be written, which the error tells clients.
  core::Status refuse(std::uint64_t bytes);
  /// A write did not find the space that it needed. If that happens again soon, the volume is full for a while,
  /// whatever it says of itself: a quota is not seen in its free bytes.
  void failed();

  /// As it is now; looks again.
  bool is_full();
  /// Full, or soon will be: less than the reserve is left to be written.
  bool is_low() { return available_bytes() < reserve_bytes_; }

  /// Space that somebody is going to write to, so that nobody else counts on it. Lifetime: not longer than the
  /// FreeSpace. Threads: one at a time.
  class Room {
   public:
    explicit Room(FreeSpace& space) : space_(space) {}
    ~Room() { end(); }
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;

    /// So many bytes will come. Errors: no_space.
    core::Status announce(std::uint64_t bytes);
    /// So many bytes are about to be written. Errors: no_space.
    core::Status take(std::uint64_t bytes);
    /// No more is written.
    void end();

   private:
    FreeSpace& space_;
    std::uint64_t left_bytes_ = 0;
    bool announced_ = false;  // how much will come; else it is asked for in steps
  };

 private:
  using Clock = std::chrono::steady_clock;

  bool reserve(std::uint64_t bytes);
  void unreserve(std::uint64_t bytes);
  std::uint64_t look(const std::unique_lock<std::mutex>& lock);
  void begin(std::uint64_t free_bytes, std::uint64_t kept_bytes);
  void note_refused(std::uint64_t bytes, const std::string& text);

  const Surroundings surroundings_;
  const std::uint64_t reserve_bytes_;
  std::mutex mutex_;
  std::uint64_t reserved_bytes_ = 0;  // by all rooms
  std::uint64_t refused_bytes_ = 0;   // the least that found no room since there was room for all; 0: nothing
  bool full_ = false;
  std::uint64_t kept_at_begin_ = 0;  // of the time that it is full
  Clock::time_point full_until_;     // at least
  std::optional<Clock::time_point> failed_at_;
};

/// `1.5 MiB`; fewer than 1024 as they are.
std::string bytes_text(std::uint64_t bytes);

}  // namespace sconce::server::storage
