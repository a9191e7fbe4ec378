#pragma once

#include <string>
#include <vector>

#include "cli/reading.h"

namespace sconce::cli {

struct CheckArguments {
  std::vector<std::string> files;
  ReadingArguments reading;
};

/// `sconce check`: one line for each file, on stdout if it is good and on stderr if not. Returns the exit code.
int check(const CheckArguments& arguments);

}  // namespace sconce::cli
