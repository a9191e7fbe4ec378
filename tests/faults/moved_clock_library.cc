// Loaded into a program before its other libraries (LD_PRELOAD), gives it a wall clock that is set back and forward:
// the system's, and the nanoseconds in the file that SCONCE_MOVED_CLOCK names, an integer of 64 bits that may change at
// any time. The monotonic clock is left alone, as it is when a clock is set.
//
// Debian's libfaketime moves the monotonic clock as well unless it is told not to, opens and reads its file at every
// look at the clock, and leaves a wait that is under way where it began. Here such a wait ends when the moved clock
// says so: hours late, after the clock was set back by hours, as the system has it.

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
// How soon a wait sees that the clock was set.
constexpr std::int64_t kPause = 10'000'000;

const std::atomic<std::int64_t>* map_offset() {
  const char* const file = std::getenv("SCONCE_MOVED_CLOCK");
  const int fd = file == nullptr ? -1 : open(file, O_RDONLY | O_CLOEXEC);
  void* const page = fd < 0 ? MAP_FAILED : mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, fd, 0);
  if (fd >= 0) close(fd);
  // A test with the system's clock would prove nothing.
  if (page == MAP_FAILED) _exit(125);
  return static_cast<const std::atomic<std::int64_t>*>(page);
}

std::int64_t offset() {
  static const std::atomic<std::int64_t>* const moved = map_offset();
  return moved->load();
}

std::int64_t nanoseconds(const timespec& time) { return time.tv_sec * kSecond + time.tv_nsec; }
timespec timespec_of(std::int64_t time) { return {.tv_sec = time / kSecond, .tv_nsec = time % kSecond}; }

std::int64_t system_now(clockid_t clock) {
  timespec time{};
  syscall(SYS_clock_gettime, clock, &time);
  return nanoseconds(time);
}

std::int64_t moved_now(clockid_t clock = CLOCK_REALTIME) { return system_now(clock) + offset(); }

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) {
    return static_cast<int>(syscall(SYS_clock_gettime, clock, time));
  }
  *time = timespec_of(moved_now(clock));
  return 0;
}

int gettimeofday(timeval* time, void* zone) noexcept {
  (void)zone;
  const std::int64_t now = moved_now();
  *time = {.tv_sec = now / kSecond, .tv_usec = now % kSecond / 1'000};
  return 0;
}

time_t time(time_t* time) noexcept {
  const time_t now = moved_now(CLOCK_REALTIME_COARSE) / kSecond;
  if (time != nullptr) *time = now;
  return now;
}

/// One that ends early without a reason is allowed, and its caller waits again.
int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
  const std::int64_t left = std::max<std::int64_t>(nanoseconds(*until) - moved_now(), 0);
  const timespec pause = timespec_of(system_now(CLOCK_MONOTONIC) + std::min(left, kPause));
  const int ended = pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, &pause);
  return ended == ETIMEDOUT && moved_now() < nanoseconds(*until) ? 0 : ended;
}

}  // extern "C"
