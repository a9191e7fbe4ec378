#pragma once

#include <cstdint>
#include <vector>

namespace sconce::tests {

/// A function that was entered: where its code begins, and on which thread.
struct Entered {
  std::uintptr_t function;
  std::uint32_t thread;  // 0, 1, …: in the order in which they were first seen
};

/// Records, from now on, the functions that any thread enters, of those that are compiled with -finstrument-functions.
/// Threads: one records at a time.
void begin_recording();

/// What was entered since then, in order. Throws if there was no room for all of it.
std::vector<Entered> end_recording();

}  // namespace sconce::tests
