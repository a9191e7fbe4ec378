#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sconce::testing {

/// What was compared, and how it ended.
struct TextProof {
  std::uint64_t numbers = 0;
  std::uint64_t mismatches = 0;
  /// The first few: what was wanted, and what came.
  std::vector<std::string> examples = {};

  void add(const TextProof& other);
};

/// Writes a tensor of these in ascii, and reads it again: the text must be what printf writes (`%.9g`, for doubles
/// `%.17g`), and the numbers, bit by bit, what strtof (strtod) reads in it.
template <class Float>
TextProof prove_numbers(std::span<const Float> numbers);

/// Reads a tensor in ascii with these texts as its elements: the numbers must be what strtof (strtod) reads. `texts`
/// holds them one behind another with a space behind each.
template <class Float>
TextProof prove_texts(const std::string& texts, std::size_t count);

/// Numbers by a generator: half of them random bits, half what strtod reads in a few random digits with an exponent.
template <class Float>
std::vector<Float> random_numbers(std::uint64_t seed, std::size_t count);

/// Texts as `prove_texts` takes them: 1 to 25 digits, a point anywhere or none, zeros in front or not, an exponent or
/// none.
std::string random_texts(std::uint64_t seed, std::size_t count);

/// Where mistakes are likely: ties, powers of two and of ten and their neighbours, the ends of the range, subnormals,
/// where the layout changes, infinities, NaN, zeros.
template <class Float>
std::vector<Float> hard_numbers();

}  // namespace sconce::testing
