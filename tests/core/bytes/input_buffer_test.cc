#include "core/bytes/input_buffer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sconce::core {
namespace {

constexpr std::size_t kWordBytesMax = 8;

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Consumes words that end with a dot, and refuses an exclamation mark.
struct Words {
  std::vector<std::string> words;
  std::size_t longest_input = 0;

  Result<std::size_t> operator()(std::span<const std::byte> bytes) {
    longest_input = std::max(longest_input, bytes.size());
    const std::string text = text_of(bytes);
    std::size_t at = 0;
    for (std::size_t end = 0; (end = text.find_first_of(".!", at)) != std::string::npos; at = end + 1) {
      if (text[end] == '!') return fail(ErrorCode::malformed, "loud");
      words.push_back(text.substr(at, end - at));
    }
    return at;
  }
};

TEST(UnconsumedInput, PresentsTheSameWhereverTheInputIsCut) {
  const std::string input = "a.bcd..efghijk.lm";
  for (std::size_t piece = 1; piece <= input.size(); ++piece) {
    Words words;
    UnconsumedInput unconsumed(kWordBytesMax);
    for (std::size_t at = 0; at < input.size(); at += piece) {
      const std::string part = input.substr(at, piece);
      ASSERT_TRUE(unconsumed.put(std::as_bytes(std::span(part)), [&words](auto bytes) { return words(bytes); }));
    }
    EXPECT_EQ(words.words, (std::vector<std::string>{"a", "bcd", "", "efghijk"})) << piece;
    EXPECT_EQ(text_of(unconsumed.held()), "lm") << piece;
  }
}

TEST(UnconsumedInput, CopiesNoMoreThanWhatWasLeftAndAsMuchAgain) {
  Words words;
  UnconsumedInput unconsumed(kWordBytesMax);
  const std::string first = "abc";
  const std::string second = "d." + std::string(100, '.');
  ASSERT_TRUE(unconsumed.put(std::as_bytes(std::span(first)), [&words](auto bytes) { return words(bytes); }));
  std::vector<std::size_t> sizes;
  ASSERT_TRUE(unconsumed.put(std::as_bytes(std::span(second)), [&](auto bytes) {
    sizes.push_back(bytes.size());
    return words(bytes);
  }));
  EXPECT_EQ(sizes, (std::vector<std::size_t>{3 + kWordBytesMax, second.size() - kWordBytesMax}));
  EXPECT_EQ(words.words.size(), 101U);
}

TEST(UnconsumedInput, ReturnsTheConsumersError) {
  Words words;
  UnconsumedInput unconsumed(kWordBytesMax);
  const std::string input = "a.b!";
  const Status status = unconsumed.put(std::as_bytes(std::span(input)), [&words](auto bytes) { return words(bytes); });
  EXPECT_EQ(status, fail(ErrorCode::malformed, "loud"));
}

}  // namespace
}  // namespace sconce::core
