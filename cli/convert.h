#pragma once

#include <string>

#include "cli/reading.h"
#include "core/format.h"

namespace sconce::cli {

struct ConvertArguments {
  std::string in;
  std::string out;
  ReadingArguments reading;
  core::Format to = core::Format::binary;
  bool referenced = true;
};

/// `sconce convert`. Returns the exit code.
int convert(const ConvertArguments& arguments);

}  // namespace sconce::cli
