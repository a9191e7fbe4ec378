#pragma once

#include <string>
#include <vector>

#include "cli/reading.h"

namespace sconce::cli {

struct CheckArguments {
  std::vector<std::string> files;
  std::string data_dir;  ///< Of a server that does not run; may be empty.
  ReadingArguments reading;
};

/// `sconce check`: one line for each file and for the data, on stdout if it is good and on stderr if not, there one for
/// each damage. Returns the exit code. Threads: the main one.
int check(const CheckArguments& arguments);

}  // namespace sconce::cli
