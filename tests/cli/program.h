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

/// Runs the built program with `arguments`, in the folder tests/golden, and with `in` as its stdin.
Outcome run_sconce(const std::vector<std::string>& arguments, const std::string& in = "");

}  // namespace sconce::tests
