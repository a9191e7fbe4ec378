// Tortures the store: clients write, read, swap, remove and commit batches while it is struck down at random moments.
//
//   torture [--rounds N] [--power-cut | --full-disk | --no-descriptors | --slow-disk | --clock-back] [--seed S]
//   [--keep]
//
// Struck by SIGKILL over HTTP, with `--clock-back` while its wall clock is set back and forward; or in this process by
// a power cut that drops what was not synced, with `--slow-disk` while operations of the disk take long; by a disk that
// is full, or by descriptors that have run out. After the last two it is to come back by itself. After each strike all
// that was acknowledged must be there, nothing may be torn, batches must be whole, the history of every key
// linearizable, and revisions must have grown; after the last round `sconce check` finds no damage. Exits with 1 at the
// first fault, and with `--keep` leaves the data directory.

#include <cstdio>
#include <memory>
#include <random>
#include <stdexcept>
#include <utility>

#include "tests/support/files.h"
#include "tests/torture/arguments.h"
#include "tests/torture/check_data.h"
#include "tests/torture/clock_server.h"
#include "tests/torture/killed_server.h"
#include "tests/torture/powerless_store.h"
#include "tests/torture/short_store.h"
#include "tests/torture/slow_store.h"
#include "tests/torture/torture.h"

namespace sconce::tests {
namespace {

std::unique_ptr<Victim> make_victim(const std::filesystem::path& directory, Strike strike, std::uint64_t seed) {
  const std::filesystem::path data = directory / "data";
  switch (strike) {
    case Strike::kill: return std::make_unique<KilledServer>(data);
    case Strike::power_cut: return make_powerless_store(data, seed);
    case Strike::full_disk: return make_short_store(data, seed, FaultyFiles::Fault::no_space);
    case Strike::no_descriptors: return make_short_store(data, seed, FaultyFiles::Fault::no_descriptors);
    case Strike::slow_disk: return make_slow_store(data, seed);
    case Strike::clock_back: return make_clock_server(directory, seed);
  }
  std::unreachable();
}

std::uint64_t longest_ms(Strike strike) {
  switch (strike) {
    case Strike::kill:
    case Strike::clock_back: return 1'500;
    case Strike::slow_disk: return 2'000;
    case Strike::power_cut:
    case Strike::full_disk:
    case Strike::no_descriptors: return 400;
  }
  std::unreachable();
}

void run_rounds(const Arguments& arguments, std::uint64_t seed, const std::filesystem::path& directory) {
  const std::unique_ptr<Victim> victim = make_victim(directory, arguments.strike, seed);
  Torture torture(*victim, {.seed = seed,
                            .longest_ms = longest_ms(arguments.strike),
                            .with_answers = arguments.strike == Strike::slow_disk});
  for (std::uint64_t round = 1; round <= arguments.rounds; ++round) {
    try {
      torture.round();
    } catch (const std::runtime_error& fault) {
      throw std::runtime_error("round " + std::to_string(round) + ": " + fault.what());
    }
  }
  victim->close();
  check_data(directory / "data");
  std::printf("%llu rounds, %llu operations, the longest %s, 0 faults (seed %llu)\n",
              static_cast<unsigned long long>(arguments.rounds), static_cast<unsigned long long>(torture.operations()),
              torture.longest().c_str(), static_cast<unsigned long long>(seed));
  if (const std::string did = victim->what_it_did(); !did.empty()) std::printf("%s\n", did.c_str());
}

int run(const Arguments& arguments) {
  TemporaryDirectory directory;
  const std::uint64_t seed = arguments.seed.value_or(std::random_device()());
  try {
    run_rounds(arguments, seed, directory.path());
  } catch (const std::runtime_error& fault) {
    std::printf("seed %llu, %s\n", static_cast<unsigned long long>(seed), fault.what());
    if (arguments.keep) {
      directory.keep();
      std::printf("the data: %s\n", (directory / "data").c_str());
    }
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace sconce::tests

int main(int argc, char** argv) {
  const auto arguments = sconce::tests::parse_arguments({argv + 1, argv + argc});
  if (arguments) return sconce::tests::run(*arguments);
  std::fprintf(stderr, "torture: %s\n%s\n", arguments.error().c_str(), sconce::tests::kUsage);
  return 2;
}
