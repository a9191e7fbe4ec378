#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "core/graph/object.h"
#include "core/graph/serialize.h"
#include "tests/text/text_proof.h"

namespace {

using sconce::testing::TextProof;

// A sample of what `./x prove-text` does in full.
constexpr std::size_t kSample = 500'000;

std::uint64_t fresh_seed() {
  const std::uint64_t seed = std::random_device{}();
  testing::Test::RecordProperty("seed", std::to_string(seed));
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

void expect_proven(const TextProof& proof, std::size_t count) {
  EXPECT_EQ(proof.numbers, count);
  EXPECT_EQ(proof.mismatches, 0U);
  for (const std::string& example : proof.examples) ADD_FAILURE() << example;
}

TEST(NumberText, HardFloatsAreWrittenAsPrintfAndReadAsStrtof) {
  const auto numbers = sconce::testing::hard_numbers<float>();
  expect_proven(sconce::testing::prove_numbers<float>(numbers), numbers.size());
}

TEST(NumberText, HardDoublesAreWrittenAsPrintfAndReadAsStrtod) {
  const auto numbers = sconce::testing::hard_numbers<double>();
  expect_proven(sconce::testing::prove_numbers<double>(numbers), numbers.size());
}

TEST(NumberText, RandomFloatsAreWrittenAsPrintfAndReadAsStrtof) {
  const auto numbers = sconce::testing::random_numbers<float>(fresh_seed(), kSample);
  expect_proven(sconce::testing::prove_numbers<float>(numbers), kSample);
}

TEST(NumberText, RandomDoublesAreWrittenAsPrintfAndReadAsStrtod) {
  const auto numbers = sconce::testing::random_numbers<double>(fresh_seed(), kSample);
  expect_proven(sconce::testing::prove_numbers<double>(numbers), kSample);
}

TEST(NumberText, RandomTextsAreReadAsStrtofAndStrtod) {
  const std::string texts = sconce::testing::random_texts(fresh_seed(), kSample);
  expect_proven(sconce::testing::prove_texts<float>(texts, kSample), kSample);
  expect_proven(sconce::testing::prove_texts<double>(texts, kSample), kSample);
}

/// Where a number ends decides as much as what it is.
TEST(NumberText, TextsOfEveryOtherKindAreReadAsStrtofAndStrtod) {
  const std::string texts =
      "+5 .5 5. -.5 -5. 0 -0 00000000000000000000000000000001 0.000000000000000000000000000000001 1e 1E5 1e+5 1e-5 "
      "1e00000000000000000000005 0x1p3 0xA.8 inf -inf INFINITY nan -nan nan(abc) 1e400 -1e400 1e-400 1e39 3.5e38 "
      "16777217 16777219 9007199254740993 9007199254740995 1e22 1e23 123456789012345678901234567890 "
      "2.2250738585072011e-308 4.9e-324 2.4703282292062328e-324 1.17549429e-38 1.4e-45 7e-46 "
      "1797693134862315807937289714053034150799341327100378269361737789804449682927647509466490179775872070963302864166"
      "92"
      "88 0.1e1 1234567 12345678 123456789 1.5e+0 1.5e-0 -1.25E+10 "
      "10e9223372036854775807 -10e9223372036854775807 0x10p9223372036854775807 "  // the greatest and the least exponent
      "0.01e-9223372036854775808 0x.01p-9223372036854775808 0e9223372036854775807 ";
  const auto count = static_cast<std::size_t>(std::count(texts.begin(), texts.end(), ' '));
  expect_proven(sconce::testing::prove_texts<float>(texts, count), count);
  expect_proven(sconce::testing::prove_texts<double>(texts, count), count);
}

/// Small and large ones take different ways.
TEST(NumberText, IntegersAreWrittenAsPrintfAndReadAgain) {
  using namespace sconce::core;
  std::vector<std::int64_t> numbers{0, INT64_MIN, INT64_MAX};
  for (std::int64_t power = 1; power < INT64_MAX / 10; power *= 10) {
    for (const std::int64_t number : {power - 1, power, power + 1, 7 * power + 3}) {
      numbers.push_back(number);
      numbers.push_back(-number);
    }
  }
  std::string wanted;
  for (const std::int64_t number : numbers) wanted += std::to_string(number) + ' ';
  wanted.back() = '\n';

  Object object;
  const auto bytes = std::as_bytes(std::span(numbers));
  object.set_root(object.make_storage({ElementType::i64, Device::cpu}, bytes));
  const std::string text = serialize(object, Format::ascii).value();
  EXPECT_EQ(text.substr(text.size() - wanted.size()), wanted);

  const Object read = deserialize(text, Format::ascii).value();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    EXPECT_EQ(read.root().storage()->at<std::int64_t>(static_cast<std::int64_t>(i)), numbers[i]);
  }
}

}  // namespace
