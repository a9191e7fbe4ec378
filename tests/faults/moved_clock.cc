#include "tests/faults/moved_clock.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace sconce::tests {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::system_clock;

constexpr int kDaysAfter1970Max = 100;
constexpr int kHoursMax = 48;
constexpr int kYearsMax = 100;
constexpr hours kYear(24 * 365);

void* map_shared(const std::filesystem::path& file) {
  const int fd = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return MAP_FAILED;
  const bool is_long_enough = ftruncate(fd, sizeof(std::int64_t)) == 0;
  void* const page =
      is_long_enough ? mmap(nullptr, sizeof(std::int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
  close(fd);
  return page;
}

}  // namespace

MovedClock::MovedClock(std::filesystem::path file, std::uint64_t seed) : file_(std::move(file)), random_(seed) {
  void* const page = map_shared(file_);
  if (page == MAP_FAILED) throw std::runtime_error("the clock cannot be told to a program");
  ahead_ns_ = static_cast<std::atomic<std::int64_t>*>(page);
  set_ahead({});
}

MovedClock::~MovedClock() { munmap(ahead_ns_, sizeof(std::int64_t)); }

void MovedClock::give_to_child() const {
  setenv("SCONCE_MOVED_CLOCK", file_.c_str(), 1);
  setenv("LD_PRELOAD", SCONCE_MOVED_CLOCK_LIBRARY, 1);
  // The sanitizer wants to be the first library, which it need not be for functions that it does not replace.
  const char* const options = std::getenv("ASAN_OPTIONS");
  const std::string others = options == nullptr ? "" : std::string(":") + options;
  setenv("ASAN_OPTIONS", ("verify_asan_link_order=0" + others).c_str(), 1);
}

void MovedClock::set_at_random() {
  const Time now = system_clock::now();
  const std::chrono::nanoseconds ahead = settings_.back().ahead;
  const int some_hours = static_cast<int>(1 + random_() % kHoursMax);
  switch (random_() % 5) {
    case 0: return set_ahead(Time(hours(24) * static_cast<int>(random_() % kDaysAfter1970Max)) - now);
    case 1: return set_ahead(std::max<std::chrono::nanoseconds>(ahead - hours(some_hours), Time() - now));
    case 2: return set_ahead(ahead + hours(some_hours));
    case 3: return set_ahead(kYear * static_cast<int>(1 + random_() % kYearsMax));
    default: return set_ahead({});
  }
}

void MovedClock::set_ahead(std::chrono::nanoseconds ahead) {
  const Time from = system_clock::now();
  *ahead_ns_ = ahead.count();
  if (!settings_.empty()) settings_.back().until = system_clock::now();
  settings_.push_back({.from = from, .until = Time::max(), .ahead = ahead});
}

bool MovedClock::has_shown(Time time) const {
  return std::ranges::any_of(settings_, [&](const Setting& setting) {
    const Time shown = time - setting.ahead;
    return shown >= setting.from - milliseconds(1) && shown < setting.until && shown <= system_clock::now();
  });
}

}  // namespace sconce::tests
