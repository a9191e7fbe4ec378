#include "tests/torture/arguments.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace sconce::tests {

namespace {

struct Mode {
  std::string_view flag;
  Strike strike;
};
constexpr Mode kModes[] = {{"--power-cut", Strike::power_cut},
                           {"--full-disk", Strike::full_disk},
                           {"--no-descriptors", Strike::no_descriptors},
                           {"--slow-disk", Strike::slow_disk},
                           {"--clock-back", Strike::clock_back}};

constexpr std::uint64_t kRoundsMax = 1'000'000;

std::unexpected<std::string> wrong(std::string_view flag, std::string_view why) {
  return std::unexpected(std::string(flag) + ' ' + std::string(why));
}

}  // namespace

const char* const kUsage =
    "torture [--rounds N] [--power-cut | --full-disk | --no-descriptors | --slow-disk | --clock-back] [--seed S] "
    "[--keep]";

std::expected<Arguments, std::string> parse_arguments(std::span<char* const> words) {
  Arguments arguments;
  bool has_mode = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view flag = words[i];
    const std::string_view value = i + 1 < words.size() ? words[i + 1] : "";
    const auto* const mode = std::ranges::find(kModes, flag, &Mode::flag);
    if (mode != std::end(kModes)) {
      if (std::exchange(has_mode, true)) return wrong(flag, "is a second way to strike");
      arguments.strike = mode->strike;
    } else if (flag == "--keep") {
      arguments.keep = true;
    } else if (flag == "--rounds") {
      const auto rounds = number_of(value, 1, kRoundsMax);
      if (!rounds) return wrong(flag, "takes a number from 1 to " + std::to_string(kRoundsMax));
      arguments.rounds = *rounds;
      ++i;
    } else if (flag == "--seed") {
      arguments.seed = number_of(value, 0, std::numeric_limits<std::uint64_t>::max());
      if (!arguments.seed) return wrong(flag, "takes a number");
      ++i;
    } else {
      return wrong(flag, "is no flag");
    }
  }
  return arguments;
}

std::optional<std::uint64_t> number_of(std::string_view text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_one = error == std::errc() && end == text.data() + text.size();
  return is_one && number >= least && number <= most ? std::optional(number) : std::nullopt;
}

}  // namespace sconce::tests
