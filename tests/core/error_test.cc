#include "core/error.h"

#include <gtest/gtest.h>

#include "core/files/file_error.h"

namespace sconce::core {
namespace {

TEST(Error, EveryCodeHasItsName) {
  struct Row {
    ErrorCode code;
    std::string_view name;
  };
  constexpr Row kRows[] = {{ErrorCode::malformed, "malformed"},
                           {ErrorCode::truncated, "truncated"},
                           {ErrorCode::trailing_bytes, "trailing_bytes"},
                           {ErrorCode::limit_exceeded, "limit_exceeded"},
                           {ErrorCode::unrepresentable, "unrepresentable"},
                           {ErrorCode::unknown_format, "unknown_format"},
                           {ErrorCode::invalid_argument, "invalid_argument"},
                           {ErrorCode::not_found, "not_found"},
                           {ErrorCode::io_error, "io_error"},
                           {ErrorCode::no_space, "no_space"},
                           {ErrorCode::corrupt, "corrupt"},
                           {ErrorCode::overloaded, "overloaded"},
                           {ErrorCode::unavailable, "unavailable"}};
  for (const Row& row : kRows) EXPECT_EQ(name_of(row.code), row.name);
}

TEST(Error, TextSaysWhatIsKnown) {
  EXPECT_EQ(to_string(Error{ErrorCode::not_found, "no such file"}), "not_found: no such file");
  EXPECT_EQ(to_string(Error{ErrorCode::malformed, "bad tag", 12, ""}), "malformed: byte 12: at (root): bad tag");
  EXPECT_EQ(to_string(Error{ErrorCode::malformed, "bad tag", 12, "a.b"}), "malformed: byte 12: at a.b: bad tag");
}

TEST(FileError, SaysWhatTheSystemSays) {
  EXPECT_EQ(file_error(ENOSPC, "cannot write", "a").code, ErrorCode::no_space);
  EXPECT_EQ(file_error(EDQUOT, "cannot write", "a").code, ErrorCode::no_space);
  EXPECT_EQ(file_error(ENOENT, "cannot open", "a").code, ErrorCode::not_found);
  EXPECT_EQ(file_error(EIO, "cannot read", "a"),
            (Error{.code = ErrorCode::io_error, .what = "cannot read a: Input/output error"}));
}

}  // namespace
}  // namespace sconce::core
