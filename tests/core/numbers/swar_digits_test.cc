#include "core/numbers/swar_digits.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "core/ascii.h"

namespace sconce::core {
namespace {

/// All that have a border in a lane, and some of all sizes.
std::vector<std::uint32_t> samples() {
  std::vector<std::uint32_t> values;
  for (std::uint32_t power = 1; power <= 10'000'000; power *= 10) {
    for (std::uint32_t digit = 1; digit <= 9; ++digit) values.insert(values.end(), {digit * power - 1, digit * power});
  }
  for (std::uint32_t value = 0; value < 100'000'000; value += 9'973) values.push_back(value);
  values.push_back(99'999'999);
  return values;
}

std::string text_of(std::uint32_t value) {
  char text[9];
  std::snprintf(text, sizeof text, "%08u", value);
  return text;
}

TEST(SwarDigits, DigitsAreThoseOfPrintf) {
  for (const std::uint32_t value : samples()) {
    const std::uint64_t word = digits_of(value) + kEightZeros;
    std::string text(8, '\0');
    std::memcpy(text.data(), &word, text.size());
    ASSERT_EQ(text, text_of(value));
  }
}

TEST(SwarDigits, TheNumberOfDigitsIsTheOneThatTheyWereMadeOf) {
  for (const std::uint32_t value : samples()) ASSERT_EQ(number_of(load_digits(text_of(value).c_str())), value);
}

TEST(SwarDigits, OnlyTheFirstDigitsCountIfThatIsSaid) {
  const std::uint64_t word = load_digits("12345678");
  const std::uint64_t expected[] = {0, 1, 12, 123, 1234, 12345, 123456, 1234567, 12345678};
  for (int count = 0; count <= 8; ++count) EXPECT_EQ(number_of(word, count), expected[count]) << count;
}

TEST(SwarDigits, ZerosAtTheEndAreNotSignificant) {
  EXPECT_EQ(significant_digits(digits_of(12'345'678)), 8);
  EXPECT_EQ(significant_digits(digits_of(12'345'600)), 6);
  EXPECT_EQ(significant_digits(digits_of(10'000'000)), 1);
  EXPECT_EQ(significant_digits(digits_of(1)), 8);
  EXPECT_EQ(significant_digits(0), 0);
}

TEST(SwarDigits, EachByteThatIsNoDigitEndsTheDigits) {
  for (const char digit : {'0', '5', '9'}) {
    for (int place = 0; place < 8; ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(8, digit);
        text[static_cast<std::size_t>(place)] = static_cast<char>(byte);
        const int before = is_digit(static_cast<char>(byte)) ? 8 : place;
        ASSERT_EQ(digits_before(mark_others(load_digits(text.data()))), before) << place << ' ' << byte;
      }
    }
  }
}

TEST(SwarDigits, TheFirstOfSeveralOthersEndsTheDigits) {
  EXPECT_EQ(digits_before(mark_others(load_digits("12.45e78"))), 2);
  EXPECT_EQ(digits_before(mark_others(load_digits("\xff\xff\xff\xff\xff\xff\xff\xff"))), 0);
  EXPECT_EQ(digits_before(mark_others(load_digits("1\xff\xff\xff\xff\xff\xff\xff"))), 1);
}

}  // namespace
}  // namespace sconce::core
