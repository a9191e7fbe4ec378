#pragma once

#include <string>

#include "cli/reading.h"
#include "proto/formats/convert/object_output.h"

namespace sconce::cli {

struct ConvertArguments {
  std::string in;
  std::string out;
  ReadingArguments reading;
  proto::OutputPlan plan;
};

/// `sconce convert`. Returns the exit code. Threads: the main one.
int convert(const ConvertArguments& arguments);

}  // namespace sconce::cli
