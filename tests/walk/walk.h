#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "tests/walk/recorder.h"

namespace sconce::tests {

/// A function by its name, and the source file with its code, from the root of the checkout.
struct SourceFunction {
  std::string name;
  std::string file;
};

/// Of this program, by addr2line. `root` is the checkout. Throws if addr2line cannot be run.
std::map<std::uintptr_t, SourceFunction> source_functions(const std::vector<Entered>& walk, const std::string& root);

/// How far a request goes. A switch of file is a function that is entered after one of another file on the same thread;
/// returning to a file does not count, but what is entered from there may.
struct WalkCounts {
  std::size_t files = 0;
  std::size_t switches = 0;
  std::size_t calls = 0;
  std::map<std::string, std::size_t> files_of_room;
};

WalkCounts counts_of(const std::vector<Entered>& walk, const std::map<std::uintptr_t, SourceFunction>& functions);

/// `server/net/connection/session.cc` is in `net`, `proto/http/percent.cc` in `proto`.
std::string room_of(const std::string& file);

}  // namespace sconce::tests
