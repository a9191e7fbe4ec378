#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sconce::tests {

/// What a key holds: 0 is no object; every write has a number of its own.
using Value = std::uint64_t;
inline constexpr Value kNone = 0;

/// One thing that a client did to one key, and when it asked and heard of it, in nanoseconds of one clock.
struct Operation {
  enum class Kind : std::uint8_t { read, write, write_if_absent, write_if_is, remove };
  enum class Outcome : std::uint8_t {
    applied,  // of a read: `value` was seen
    refused,  // a condition did not hold; of a removal: there was nothing
    unknown,  // no answer: it happened by `end_ns`, or never
  };
  Kind kind = Kind::read;
  Outcome outcome = Outcome::applied;
  Value value = kNone;     // what was read or written
  Value expected = kNone;  // of write_if_is
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
};

using History = std::vector<Operation>;

}  // namespace sconce::tests
