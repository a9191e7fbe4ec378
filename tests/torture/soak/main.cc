// Soaks the server: clients put, overwrite, delete and read objects of 1 KiB to 8 MiB on a volume that is kept 95 %
// full, and compare all that they read with what was acknowledged.
//
//   soak [--minutes N] [--volume-mib N] [--seed S]
//
// Prints a row each minute, and a verdict. At the end all is read, the server is started again, all is read again, and
// `sconce check` reads the data. Exits with 1 if anything is lost, or the server's memory grows. The volume is a tmpfs,
// in memory, which root may mount, and other users where the system allows them user namespaces.

#include <algorithm>
#include <cstdio>
#include <expected>
#include <limits>
#include <random>
#include <span>
#include <stdexcept>

#include "tests/torture/arguments.h"
#include "tests/torture/soak/soak.h"

namespace sconce::tests {
namespace {

struct SoakArguments {
  std::uint64_t minutes = 30;
  std::uint64_t volume_mib = 2048;
  std::uint64_t seed = std::random_device()();
};

constexpr const char* kSoakUsage = "soak [--minutes N] [--volume-mib N] [--seed S]";
// As the memory of the last third is to that of the first one.
constexpr double kMemoryGrowthMax = 1.25;

struct Flag {
  std::string_view name;
  std::uint64_t SoakArguments::* number;
  std::uint64_t least;
  std::uint64_t most;
};
constexpr Flag kFlags[] = {{"--minutes", &SoakArguments::minutes, 1, 10'000},
                           {"--volume-mib", &SoakArguments::volume_mib, 256, 1 << 20},
                           {"--seed", &SoakArguments::seed, 0, std::numeric_limits<std::uint64_t>::max()}};

std::expected<SoakArguments, std::string> parse_soak(std::span<char* const> words) {
  SoakArguments arguments;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const auto* const flag = std::ranges::find(kFlags, std::string_view(words[i]), &Flag::name);
    if (flag == std::end(kFlags)) return std::unexpected(std::string(words[i]) + " is no flag");
    const auto number = number_of(i + 1 < words.size() ? words[i + 1] : "", flag->least, flag->most);
    if (!number) {
      return std::unexpected(std::string(flag->name) + " takes a number from " + std::to_string(flag->least) + " to " +
                             std::to_string(flag->most));
    }
    arguments.*flag->number = *number;
  }
  return arguments;
}

/// Whether memory stays.
bool print_verdict(const std::vector<SoakMinute>& minutes, std::uint64_t keys_read) {
  std::uint64_t refused_full = 0;
  std::uint64_t refused_other = 0;
  for (const SoakMinute& minute : minutes) {
    refused_full += minute.refused_full;
    refused_other += minute.refused_other;
  }
  const double memory = last_third_to_first(minutes, &SoakMinute::memory_mb);
  std::printf(
      "nothing is lost: %llu keys were read at the end and after another start, and sconce check finds no damage\n",
      static_cast<unsigned long long>(keys_read));
  std::printf("the last third against the first: memory %.2f (%s), p99 of PUT %.2f, of GET %.2f\n", memory,
              memory <= kMemoryGrowthMax ? "flat" : "it grows", last_third_to_first(minutes, &SoakMinute::put_p99_ms),
              last_third_to_first(minutes, &SoakMinute::get_p99_ms));
  std::printf("refused: %llu writes with 507, %llu otherwise\n", static_cast<unsigned long long>(refused_full),
              static_cast<unsigned long long>(refused_other));
  return memory <= kMemoryGrowthMax;
}

int run(const SoakArguments& arguments) {
  if (SmallVolume::is_refused()) {
    std::fprintf(stderr, "soak: a volume cannot be mounted; run as root, or allow user namespaces\n");
    return 2;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  try {
    Soak soak(arguments.volume_mib << 20, arguments.seed);
    soak.fill();
    std::printf("%s\n", row_names().c_str());
    std::vector<SoakMinute> minutes;
    while (minutes.size() < arguments.minutes) {
      minutes.push_back(soak.work_for(std::chrono::minutes(1)));
      std::printf("%s\n", row_of(minutes.size(), minutes.back()).c_str());
    }
    return print_verdict(minutes, soak.end()) ? 0 : 1;
  } catch (const std::runtime_error& fault) {
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(arguments.seed), fault.what());
    return 1;
  }
}

}  // namespace
}  // namespace sconce::tests

int main(int argc, char** argv) {
  const auto arguments = sconce::tests::parse_soak({argv + 1, argv + argc});
  if (arguments) return sconce::tests::run(*arguments);
  std::fprintf(stderr, "soak: %s\n%s\n", arguments.error().c_str(), sconce::tests::kSoakUsage);
  return 2;
}
