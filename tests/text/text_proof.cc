#include "tests/text/text_proof.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <type_traits>

#include "core/graph/object.h"
#include "core/graph/serialize.h"

namespace sconce::testing {
namespace {

constexpr std::size_t kExamplesMax = 20;

template <class Float>
constexpr bool kIsDouble = std::is_same_v<Float, double>;
template <class Float>
using BitsOf = std::conditional_t<kIsDouble<Float>, std::uint64_t, std::uint32_t>;

template <class Float>
Float read_by_c(const char* text) {
  if constexpr (kIsDouble<Float>) return std::strtod(text, nullptr);
  else return std::strtof(text, nullptr);
}

template <class Float>
int print_by_c(char* to, std::size_t size, Float number) {
  return std::snprintf(to, size, kIsDouble<Float> ? "%.17g" : "%.9g", static_cast<double>(number));
}

template <class Float>
std::string to_ascii(std::span<const Float> numbers) {
  core::Object object;
  const core::TensorClass tensor_class{kIsDouble<Float> ? core::ElementType::f64 : core::ElementType::f32,
                                       core::Device::cpu};
  object.set_root(object.make_storage(tensor_class, std::as_bytes(numbers)));
  return core::serialize(object, core::Format::ascii).value();
}

/// Where the elements begin in a storage of so many: behind the count.
std::size_t elements_at(const std::string& text, std::size_t count) {
  const std::string line = "\n" + std::to_string(count) + "\n";
  return text.find(line, text.find("Storage")) + line.size();
}

void note(TextProof& proof, std::string example) {
  ++proof.mismatches;
  if (proof.examples.size() < kExamplesMax) proof.examples.push_back(std::move(example));
}

/// What was read against what C reads, text by text.
template <class Float>
void compare_values(TextProof& proof, const std::string& text, const char* at, std::size_t count) {
  const core::Object read = core::deserialize(text, core::Format::ascii).value();
  const core::Storage& storage = *read.root().storage();
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = storage.at<BitsOf<Float>>(static_cast<std::int64_t>(i));
    const auto wanted = std::bit_cast<BitsOf<Float>>(read_by_c<Float>(at));
    const char* const end = at + std::strcspn(at, " \n");
    if (number != wanted) {
      std::array<char, 64> bits{};
      std::snprintf(bits.data(), bits.size(), " read as %llx, not %llx", static_cast<unsigned long long>(number),
                    static_cast<unsigned long long>(wanted));
      note(proof, std::string(at, end) + bits.data());
    }
    at = end + 1;
  }
}

/// A power of two or of ten with what lies around it.
template <class Float>
void add_around(std::vector<Float>& numbers, Float middle) {
  Float below = middle;
  Float above = middle;
  numbers.push_back(middle);
  for (int i = 0; i < 3; ++i) {
    numbers.push_back(below = std::nextafter(below, -std::numeric_limits<Float>::infinity()));
    numbers.push_back(above = std::nextafter(above, std::numeric_limits<Float>::infinity()));
  }
}

/// Numbers whose wanted digits end exactly in the middle between two.
template <class Float>
void add_ties(std::vector<Float>& numbers) {
  std::mt19937_64 random(1);
  constexpr int kMantissaBits = std::numeric_limits<Float>::digits;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t mantissa = random() >> (64 - kMantissaBits) | 1;
    for (int places = 0; places < 6; ++places) numbers.push_back(std::ldexp(static_cast<Float>(mantissa), -places));
    // Multiples of powers of five, times a power of two: ties behind zeros.
    const auto multiple = static_cast<Float>((random() % 1000 + 1) * 9'765'625);
    numbers.push_back(std::ldexp(multiple, static_cast<int>(random() % 40)));
  }
}

}  // namespace

void TextProof::add(const TextProof& other) {
  numbers += other.numbers;
  mismatches += other.mismatches;
  for (const std::string& example : other.examples) {
    if (examples.size() < kExamplesMax) examples.push_back(example);
  }
}

template <class Float>
TextProof prove_numbers(std::span<const Float> numbers) {
  TextProof proof{.numbers = numbers.size()};
  const std::string text = to_ascii(numbers);
  const char* const begin = text.data() + elements_at(text, numbers.size());
  const char* at = begin;
  for (const Float number : numbers) {
    std::array<char, 64> wanted;
    const int size = print_by_c(wanted.data(), wanted.size(), number);
    const std::size_t came = std::strcspn(at, " \n");
    if (came != static_cast<std::size_t>(size) || std::memcmp(at, wanted.data(), came) != 0) {
      note(proof, std::string(wanted.data()) + " written as " + std::string(at, came));
    }
    at += came + 1;
  }
  if (at != text.data() + text.size()) note(proof, "the text does not end behind the last number");
  compare_values<Float>(proof, text, begin, numbers.size());
  return proof;
}

template <class Float>
TextProof prove_texts(const std::string& texts, std::size_t count) {
  TextProof proof{.numbers = count};
  const std::vector<Float> zeros(count);
  std::string text = to_ascii<Float>(zeros);
  const std::size_t begin = elements_at(text, count);
  text.resize(begin);
  text += texts;
  compare_values<Float>(proof, text, text.data() + begin, count);
  return proof;
}

template <class Float>
std::vector<Float> random_numbers(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  std::vector<Float> numbers(count);
  for (Float& number : numbers) {
    const std::uint64_t bits = random();
    if (random() % 2 == 0) {
      number = std::bit_cast<Float>(static_cast<BitsOf<Float>>(bits));
      continue;
    }
    std::array<char, 64> text{};
    const std::uint64_t digits =
        bits % static_cast<std::uint64_t>(std::pow(10.0, static_cast<double>(1 + random() % 17)));
    const int range = kIsDouble<Float> ? 300 : 40;
    const int exponent = random() % 2 == 0 ? -static_cast<int>(random() % 18)
                                           : static_cast<int>(random() % (2 * static_cast<unsigned>(range))) - range;
    std::snprintf(text.data(), text.size(), "%llue%d", static_cast<unsigned long long>(digits), exponent);
    number = read_by_c<Float>(text.data());
  }
  return numbers;
}

std::string random_texts(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  std::string texts;
  for (std::size_t i = 0; i < count; ++i) {
    if (random() % 2 == 0) texts += '-';
    const std::size_t digits = 1 + random() % (random() % 4 == 0 ? 25 : 19);
    const std::size_t point = random() % 3 == 0 ? random() % (digits + 1) : (random() % 2 == 0 ? 1 : digits);
    const std::size_t zeros = random() % 3 == 0 ? random() % 8 : 0;
    for (std::size_t at = 0; at < digits; ++at) {
      if (at == point) texts += '.';
      texts += at < zeros ? '0' : static_cast<char>('0' + random() % 10);
    }
    if (random() % 2 == 0) {
      const int range = random() % 2 == 0 ? 330 : 50;
      texts += (random() % 2 == 0 ? 'e' : 'E') + std::to_string(static_cast<int>(random() % 661) % (2 * range) - range);
    }
    texts += ' ';
  }
  return texts;
}

template <class Float>
std::vector<Float> hard_numbers() {
  using Limits = std::numeric_limits<Float>;
  std::vector<Float> numbers{
      0, -Float{0}, Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), -Limits::quiet_NaN()};
  for (int e = Limits::min_exponent - Limits::digits; e < Limits::max_exponent; ++e) {
    add_around(numbers, std::ldexp(Float{1}, e));
  }
  for (int e = Limits::min_exponent10 - 20; e <= Limits::max_exponent10; ++e) {
    for (const char* digits : {"1", "9.99999999", "9.999999995", "5", "4.9999999999999999", "1.00000000049999999"}) {
      add_around(numbers, read_by_c<Float>((std::string(digits) + "e" + std::to_string(e)).c_str()));
    }
  }
  for (int i = 1; i <= 4096; ++i) numbers.push_back(Limits::denorm_min() * static_cast<Float>(i));
  add_around(numbers, Limits::min());
  numbers.push_back(Limits::max());
  numbers.push_back(-Limits::max());
  add_ties(numbers);
  return numbers;
}

template TextProof prove_numbers<float>(std::span<const float> numbers);
template TextProof prove_numbers<double>(std::span<const double> numbers);
template TextProof prove_texts<float>(const std::string& texts, std::size_t count);
template TextProof prove_texts<double>(const std::string& texts, std::size_t count);
template std::vector<float> random_numbers<float>(std::uint64_t seed, std::size_t count);
template std::vector<double> random_numbers<double>(std::uint64_t seed, std::size_t count);
template std::vector<float> hard_numbers<float>();
template std::vector<double> hard_numbers<double>();

}  // namespace sconce::testing
