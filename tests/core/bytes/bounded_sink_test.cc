#include "core/bytes/bounded_sink.h"

#include <gtest/gtest.h>

#include <string>

namespace sconce::core {
namespace {

Status write(ByteSink& sink, const std::string& text) { return sink.write(std::as_bytes(std::span(text))); }

TEST(BoundedSink, PassesOnAsMuchAsItMay) {
  std::string out;
  StringSink sink(out);
  BoundedSink bounded(sink, 5, "it takes more than ");
  EXPECT_TRUE(write(bounded, "abc"));
  EXPECT_TRUE(write(bounded, "de"));
  EXPECT_TRUE(write(bounded, ""));
  EXPECT_EQ(write(bounded, "f"), fail(ErrorCode::limit_exceeded, "it takes more than 5 bytes"));
  EXPECT_EQ(out, "abcde");
}

TEST(BoundedSink, PassesOnNothingOfAWriteThatIsTooLong) {
  std::string out;
  StringSink sink(out);
  BoundedSink bounded(sink, 5, "it takes more than ");
  EXPECT_FALSE(write(bounded, "abcdef"));
  EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace sconce::core
