#include "core/files/read_file.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/files.h"

namespace sconce::core {
namespace {

TEST(ReadFile, ReadsAllOfAFile) {
  const tests::TemporaryDirectory folder;
  const std::string text(1'000'000, 'x');
  EXPECT_EQ(read_file(folder.write("large", text)), text);
  EXPECT_EQ(read_file(folder.write("empty", "")), "");
}

TEST(ReadFile, WhatIsNoFileIsAnErrorThatSaysWhy) {
  const tests::TemporaryDirectory folder;
  const std::string name = folder.path().string();
  EXPECT_EQ(to_string(read_file(folder.path()).error()), "io_error: cannot read " + name + ": Is a directory");
  EXPECT_EQ(to_string(read_file(folder / "none").error()),
            "not_found: cannot open " + name + "/none: No such file or directory");
}

}  // namespace
}  // namespace sconce::core
