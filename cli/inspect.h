#pragma once

#include <string>

#include "cli/reading.h"

namespace sconce::cli {

struct InspectArguments {
  std::string file;
  ReadingArguments reading;
};

/// `sconce inspect`: the object as a tree, on stdout. Returns the exit code.
int inspect(const InspectArguments& arguments);

}  // namespace sconce::cli
