// Inputs that cannot be read to their end: an error that says where and why.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/program.h"
#include "tests/support/files.h"
#include "tests/support/float_tensor.h"

namespace sconce::tests {
namespace {

/// Converts a file that is cut off when the output has begun.
void expect_said(const std::vector<std::string>& arguments) {
  const TemporaryDirectory folder;
  const std::string object = float_tensor({3'000'000}, 1);
  const std::string file = folder.write("object", object);
  std::vector<std::string> words = {"convert", file, "-"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const Outcome outcome = run_sconce_into_pipe(words, [&] { std::filesystem::resize_file(file, 10); });
  EXPECT_EQ(outcome.exit_code, 1) << arguments.back();
  EXPECT_THAT(outcome.err,
              testing::MatchesRegex("sconce: " + file + ": .*cannot read byte [0-9]+ of the file: it ends " +
                                    "before that, and had " + std::to_string(object.size()) + " bytes\n"));
}

TEST(UnreadableInput, OfAConversionByEventsIsSaid) { expect_said({"--to", "ascii"}); }

TEST(UnreadableInput, OfAConversionOfThePartsOfTheFileIsSaid) {
  expect_said({"--to", "npy"});
  expect_said({"--to", "json"});
  expect_said({"--to", "npy", "--object", "1"});
}

}  // namespace
}  // namespace sconce::tests
