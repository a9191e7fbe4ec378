#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/torch7/event_reader.h"

namespace sconce::tests {

/// An input that is refused, and what is said of it.
struct Refusal {
  const char* name;
  std::string input;
  core::ErrorCode code;
  std::uint64_t offset;
  std::string path;
  std::string says;  // part of the sentence
  core::Format format = core::Format::binary;
  core::ReadOptions options = {};
};

/// Reads the input whole, once in one piece and once byte by byte, and compares the error with what is expected.
void expect_refused(const Refusal& refusal);
inline void expect_refused(const std::vector<Refusal>& refusals) {
  for (const Refusal& refusal : refusals) expect_refused(refusal);
}

/// Reads the input whole; it must be an object.
void expect_read(const std::string& input, core::Format format, const core::ReadOptions& options);

}  // namespace sconce::tests
