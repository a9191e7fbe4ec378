#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/error.h"

namespace sconce::core {

/// One step from a container to what it holds under a key. A number is a key of a table as stored, so Lua's arrays
/// count from 1; a `KeyIndex` is a key that is itself an object, named by that object's index in the input.
struct KeyIndex {
  std::int32_t index;
  friend bool operator==(const KeyIndex&, const KeyIndex&) = default;
};
using PathStep = std::variant<std::string, double, bool, KeyIndex>;

/// Where a part lies inside an object. The empty path is the root.
///
///   path   := [ first ] step*
///   first  := name | "[" key "]"
///   step   := "." name | "[" key "]"
///   name   := [A-Za-z_][A-Za-z0-9_]*                        a string key that needs no quotes
///   key    := number | string | "true" | "false" | "#" integer
///   number := what strtod reads: 3, -1.5, 1e300, inf        a number key
///   string := '"' ( byte | \" | \\ | \n | \r | \t | \xHH )* '"'
///
/// `model.modules[3].weight`, `["odd key"].x`, `[1]`, `[true]`, `[#7].x` (inside the key whose index is 7).
/// Fields of a class instance are directly under the instance, and a tensor's storage under the tensor.
/// Threads: no state.
struct Path {
  std::vector<PathStep> steps;
  friend bool operator==(const Path&, const Path&) = default;
};

/// Bytes of a string key that `to_string` writes; a longer key is cut, with `...` after the closing quote, and such a
/// path is for people only: `parse_path` refuses it. Stops a 2 GiB key from becoming part of an error.
inline constexpr std::size_t kPathKeyBytesMax = 64;

/// Appends one step. Same as `to_string`, with a limit on the bytes of a key of the caller's own.
void append_step(std::string& text, const PathStep& step, std::size_t key_bytes_max = kPathKeyBytesMax);
std::string to_string(const Path& path);

/// The shortest text that is read as this number and as no other; of an integer that no exponent is needed for, its
/// digits.
void append_number(std::string& text, double number);

/// The path through containers that are open, outermost first. `step_of(frame)`: the step from the container to what is
/// open in it, nothing where no step leads there.
template <std::ranges::input_range Frames, class StepOf>
std::string path_through(Frames&& frames, StepOf step_of) {
  std::string text;
  for (const auto& frame : frames) {
    if (const std::optional<PathStep> step = step_of(frame)) append_step(text, *step);
  }
  return text;
}

/// Errors: invalid_argument, with the offset in `text` of what is wrong.
Result<Path> parse_path(std::string_view text);

}  // namespace sconce::core
