#include "proto/http/fields/skipped_field.h"

#include <gtest/gtest.h>

namespace sconce::proto {
namespace {

TEST(SkippedField, HasTheNames) {
  SkippedEntries skipped;
  EXPECT_EQ(skipped_field_of(skipped), "");
  skipped.add("a/README.txt");
  skipped.add("b, c\r\nX: y");
  EXPECT_EQ(skipped_field_of(skipped), "a/README.txt, b%2C%20c%0D%0AX:%20y");
}

TEST(SkippedField, CountsWhatDoesNotFit) {
  SkippedEntries skipped;
  for (int i = 0; i < 1'000'000; ++i) skipped.add("123456789");
  const std::string value = skipped_field_of(skipped);
  EXPECT_TRUE(value.starts_with("123456789, 123456789, "));
  EXPECT_TRUE(value.ends_with(", ... 999907 more")) << value.substr(value.size() - 40);
  EXPECT_LE(value.size(), 1050U);
  SkippedEntries long_name;
  long_name.add(std::string(5000, 'x'));
  EXPECT_EQ(skipped_field_of(long_name), "... 1 more");
}

TEST(SkippedField, NamesThoseOfAnArchiveInAnother) {
  SkippedEntries inner;
  inner.add("x");
  SkippedEntries outer;
  outer.add_all("a.npz", inner);
  EXPECT_EQ(skipped_field_of(outer), "a.npz/x");
}

}  // namespace
}  // namespace sconce::proto
