#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sconce::tests {

enum class Strike : std::uint8_t { kill, power_cut, full_disk, no_descriptors, slow_disk, clock_back };

struct Arguments {
  std::uint64_t rounds = 10;
  Strike strike = Strike::kill;
  std::optional<std::uint64_t> seed = {};
  bool keep = false;
};

/// How they are written.
extern const char* const kUsage;

/// What follows the name of the program. The error is a sentence.
std::expected<Arguments, std::string> parse_arguments(std::span<char* const> words);

/// Decimal digits and nothing else, as a number from `least` to `most`.
std::optional<std::uint64_t> number_of(std::string_view text, std::uint64_t least, std::uint64_t most);

}  // namespace sconce::tests
