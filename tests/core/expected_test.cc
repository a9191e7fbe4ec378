#include "core/expected.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <type_traits>

#include "core/error.h"

namespace sconce::core {
namespace {

static_assert(sizeof(Status) == sizeof(std::expected<void, Error>));
static_assert(sizeof(Result<int>) == sizeof(std::expected<int, Error>));
static_assert(std::is_nothrow_move_constructible_v<Result<std::unique_ptr<int>>>);
static_assert(!std::is_copy_constructible_v<Result<std::unique_ptr<int>>>);

Result<long> widened(Result<int> result) { return result; }

TEST(Expected, IsMadeOfAValueAnErrorOrNothing) {
  const Result<std::string> value = "abc";
  const Result<std::string> error = fail(ErrorCode::malformed, "bad");
  const Status done;
  EXPECT_EQ(value.value(), "abc");
  EXPECT_EQ(error.error().what, "bad");
  EXPECT_TRUE(done.has_value());
}

// `Result<bool>` can be tested for a value, so a copy could take the test's answer for the value.
TEST(Expected, CopiesOfABoolKeepItsValue) {
  Result<bool> no = false;
  Result<bool> error = fail(ErrorCode::malformed, "bad");
  const Result<bool> copy_of_no = no;
  const Result<bool> copy_of_error = error;
  ASSERT_TRUE(copy_of_no.has_value());
  EXPECT_FALSE(*copy_of_no);
  EXPECT_FALSE(copy_of_error.has_value());
}

TEST(Expected, ComparesErrorsAsWellAsValues) {
  const Result<bool> one = fail(ErrorCode::malformed, "bad");
  const Result<bool> same = fail(ErrorCode::malformed, "bad");
  const Result<bool> other = fail(ErrorCode::corrupt, "bad");
  EXPECT_EQ(one, same);
  EXPECT_NE(one, other);
  EXPECT_NE(one, true);
  EXPECT_EQ(one, fail(ErrorCode::malformed, "bad"));
  EXPECT_EQ(Status(), Status());
  EXPECT_NE(Status(), Status(fail(ErrorCode::malformed, "bad")));
}

TEST(Expected, ConvertsBetweenValuesAndFromItsBase) {
  EXPECT_EQ(widened(7), 7L);
  EXPECT_EQ(widened(fail(ErrorCode::malformed, "bad")), fail(ErrorCode::malformed, "bad"));
  const Result<int> from_base = std::expected<int, Error>(3);
  EXPECT_EQ(from_base, 3);
}

}  // namespace
}  // namespace sconce::core
