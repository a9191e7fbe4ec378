#pragma once

#include <functional>
#include <string>
#include <vector>

namespace sconce::tests {

/// What a run of the `sconce` program came to.
struct Outcome {
  int exit_code;
  std::string out;
  std::string err;
};

/// Runs the built program with `arguments`, in the folder tests/golden, and with `in` as its stdin. `variable` is one
/// of its environment, as in `TMPDIR=/tmp`; empty: none is changed.
Outcome run_sconce(const std::vector<std::string>& arguments, const std::string& in = "", std::string variable = "");

/// The same, with its output into a pipe. `meanwhile` is called when that has begun, and only then is it read: until
/// then the program can write no more than a pipe holds.
Outcome run_sconce_into_pipe(const std::vector<std::string>& arguments, const std::function<void()>& meanwhile);

}  // namespace sconce::tests
