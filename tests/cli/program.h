#pragma once

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

}  // namespace sconce::tests
