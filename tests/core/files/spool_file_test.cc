#include "core/files/spool_file.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sconce::core {
namespace {

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(SpoolFile, GivesBackWhatWasWrittenAndHasNoName) {
  const tests::TemporaryDirectory folder;
  const auto spool = make_spool_file(folder.path(), 100);
  ASSERT_TRUE(spool);
  EXPECT_TRUE((*spool)->write(tests::bytes_of("ab")));
  EXPECT_TRUE((*spool)->write(tests::bytes_of("c")));
  EXPECT_TRUE(folder.names().empty());
  ByteSource& source = (*spool)->source();
  EXPECT_EQ(source.size_bytes(), 3U);
  const auto bytes = source.read(0, 3);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(text_of(*bytes), "abc");
}

TEST(SpoolFile, WithoutBytesIsEmpty) {
  const tests::TemporaryDirectory folder;
  const auto spool = make_spool_file(folder.path(), 100);
  ASSERT_TRUE(spool);
  ByteSource& source = (*spool)->source();
  EXPECT_EQ(source.size_bytes(), 0U);
  const auto bytes = source.read(0, 0);
  ASSERT_TRUE(bytes);
  EXPECT_TRUE(bytes->empty());
}

TEST(SpoolFile, TakesNoMoreThanItsLimit) {
  const tests::TemporaryDirectory folder;
  const auto spool = make_spool_file(folder.path(), 3);
  ASSERT_TRUE(spool);
  EXPECT_TRUE((*spool)->write(tests::bytes_of("abc")));
  EXPECT_EQ((*spool)->write(tests::bytes_of("d")),
            fail(ErrorCode::limit_exceeded, "the object is larger than the 3 bytes that it may have"));
}

TEST(SpoolFile, WithoutADirectoryIsAnErrorOfTheMachine) {
  const auto spool = make_spool_file("/nowhere", 3);
  ASSERT_FALSE(spool);
  EXPECT_EQ(spool.error().code, ErrorCode::io_error);
  EXPECT_EQ(spool.error().what, "cannot make a temporary file in /nowhere: No such file or directory");
}

}  // namespace
}  // namespace sconce::core
