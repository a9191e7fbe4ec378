#include "tests/walk/recorder.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <stdexcept>

namespace sconce::tests {

namespace {

constexpr std::size_t kEnteredMax = std::size_t{1} << 18;

// All are constant-initialized: functions are entered before `main`.
constinit std::array<Entered, kEnteredMax> entered_functions{};
constinit std::atomic<std::size_t> entered_count = 0;
constinit std::atomic<bool> is_recording = false;
constinit std::atomic<std::uint32_t> thread_count = 0;

std::uint32_t this_thread() {
  constinit thread_local std::uint32_t number = 0;  // counts from 1; 0: not seen yet
  if (number == 0) number = ++thread_count;
  return number - 1;
}

}  // namespace

void begin_recording() {
  entered_count = 0;
  is_recording = true;
}

std::vector<Entered> end_recording() {
  is_recording = false;
  const std::size_t count = entered_count;
  if (count > kEnteredMax) throw std::runtime_error("more functions were entered than can be recorded");
  return {entered_functions.begin(), entered_functions.begin() + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace sconce::tests

/// Source: GCC's manual, -finstrument-functions. This file is compiled without it.
extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier)
void __cyg_profile_func_enter(void* function, void* call_site);
void __cyg_profile_func_exit(void* function, void* call_site);

void __cyg_profile_func_enter(void* function, void* /*call_site*/) {
  using namespace sconce::tests;
  if (!is_recording.load(std::memory_order_relaxed)) return;
  const std::size_t place = entered_count++;
  if (place >= kEnteredMax) return;
  entered_functions[place] = {reinterpret_cast<std::uintptr_t>(function), this_thread()};
}

void __cyg_profile_func_exit(void* /*function*/, void* /*call_site*/) {}
// NOLINTEND(bugprone-reserved-identifier)
}
