#include "core/exact_integer.h"

#include <gtest/gtest.h>

#include <limits>

namespace sconce::core {
namespace {

TEST(ExactInteger, EndsAtTwoToThe53) {
  EXPECT_TRUE(is_exact_integer(9007199254740992.0));
  EXPECT_TRUE(is_exact_integer(-9007199254740992.0));
  EXPECT_FALSE(is_exact_integer(9007199254740994.0));
  EXPECT_FALSE(is_exact_integer(-9007199254740994.0));
}

TEST(ExactInteger, IsNoFractionAndFinite) {
  EXPECT_TRUE(is_exact_integer(0.0));
  EXPECT_TRUE(is_exact_integer(-0.0));
  EXPECT_FALSE(is_exact_integer(0.5));
  EXPECT_FALSE(is_exact_integer(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_FALSE(is_exact_integer(std::numeric_limits<double>::infinity()));
}

}  // namespace
}  // namespace sconce::core
