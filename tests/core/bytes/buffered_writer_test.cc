#include "core/bytes/buffered_writer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace sconce::core {
namespace {

class Writes final : public ByteSink {
 public:
  Status write(std::span<const std::byte> bytes) override {
    sizes.push_back(bytes.size());
    if (sizes.size() == fail_at) return fail(ErrorCode::no_space, "full");
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }

  std::vector<std::size_t> sizes;
  std::string text;
  std::size_t fail_at = 0;
};

bool write(BufferedWriter& writer, const std::string& text) { return writer.write(std::as_bytes(std::span(text))); }

TEST(BufferedWriter, JoinsSmallWritesAndPassesLargeOnesOn) {
  Writes out;
  BufferedWriter writer(out);
  EXPECT_TRUE(write(writer, "ab"));
  EXPECT_TRUE(write(writer, ""));
  EXPECT_TRUE(write(writer, "cd"));
  EXPECT_TRUE(out.sizes.empty());
  EXPECT_TRUE(write(writer, std::string(5000, 'x')));
  EXPECT_EQ(out.sizes, (std::vector<std::size_t>{4, 5000}));
  EXPECT_TRUE(writer.flush());
  EXPECT_EQ(out.text, "abcd" + std::string(5000, 'x'));
}

TEST(BufferedWriter, KeepsAllOfManySmallWrites) {
  Writes out;
  BufferedWriter writer(out);
  std::string expected;
  for (int i = 0; i < 50'000; ++i) {
    const std::string one = std::to_string(i);
    expected += one;
    std::byte* to = writer.room(one.size());
    ASSERT_NE(to, nullptr);
    ASSERT_GE(writer.room_bytes(), one.size());
    std::memcpy(to, one.data(), one.size());
    writer.advance(one.size());
  }
  EXPECT_TRUE(writer.flush());
  EXPECT_EQ(out.text, expected);
}

TEST(BufferedWriter, WritesNothingMoreAfterAnError) {
  Writes out;
  out.fail_at = 1;
  BufferedWriter writer(out);
  EXPECT_TRUE(write(writer, "ab"));
  EXPECT_FALSE(writer.flush());
  EXPECT_FALSE(write(writer, std::string(5000, 'x')));
  EXPECT_EQ(writer.status(), fail(ErrorCode::no_space, "full"));
  EXPECT_EQ(out.sizes.size(), 1U);
}

}  // namespace
}  // namespace sconce::core
