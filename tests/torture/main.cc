// Tortures the store: clients write, read, swap, remove and commit batches while it is struck down at random moments.
//
//   torture [--rounds N] [--power-cut | --full-disk | --no-descriptors] [--seed S]
//
// Struck by SIGKILL over HTTP; or in this process by a power cut that drops what was not synced, by a disk that is
// full, or by descriptors that have run out. After the last two it is to come back by itself. After each strike all
// that was acknowledged must be there, nothing may be torn, batches must be whole, and the history of every key
// linearizable. Exits with 1 at the first fault.

#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

#include "tests/support/files.h"
#include "tests/torture/killed_server.h"
#include "tests/torture/linearizability.h"
#include "tests/torture/powerless_store.h"
#include "tests/torture/short_store.h"
#include "tests/torture/workload.h"

namespace sconce::tests {
namespace {

enum class Strike : std::uint8_t { kill, power_cut, full_disk, no_descriptors };

struct Arguments {
  int rounds = 10;
  Strike strike = Strike::kill;
  std::uint64_t seed = std::random_device()();
};

class Torture {
 public:
  Torture(Victim& victim, const Arguments& arguments)
      : victim_(victim), random_(arguments.seed), longest_ms_(arguments.strike == Strike::kill ? 1'500 : 400) {}

  void round() {
    std::vector<Deeds> deeds = strike_clients_at_work();
    victim_.restore();
    std::map<std::string, History> histories = merged(deeds);
    const std::map<std::string, Value> values = read_all(histories);
    for (const auto& [key, history] : histories) {
      operations_ += history.size();
      const auto why = why_not_linearizable(history, values_[key]);
      if (why) throw std::runtime_error(key + ", which held " + std::to_string(values_[key]) + ": " + *why);
    }
    check_batches(values);
    values_ = values;
  }

  std::uint64_t operations() const { return operations_; }

 private:
  std::vector<Deeds> strike_clients_at_work() {
    std::vector<Deeds> deeds(kTortureClients);
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < kTortureClients; ++i) clients.push_back(victim_.connect());
    std::vector<std::thread> threads;
    for (int i = 0; i < kTortureClients; ++i) {
      const std::uint64_t seed = random_();
      threads.emplace_back([&, i, seed] {
        deeds[static_cast<std::size_t>(i)] = work(*clients[static_cast<std::size_t>(i)], i, seed, next_value_);
      });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1 + random_() % longest_ms_));
    victim_.strike();
    for (std::thread& thread : threads) thread.join();
    return deeds;
  }

  static std::map<std::string, History> merged(const std::vector<Deeds>& deeds) {
    std::map<std::string, History> histories;
    for (const Deeds& each : deeds) {
      if (!each.faults.empty()) throw std::runtime_error(each.faults.front());
      for (const auto& [key, history] : each.histories) {
        histories[key].insert(histories[key].end(), history.begin(), history.end());
      }
    }
    return histories;
  }

  /// What every key holds now, added to its history.
  std::map<std::string, Value> read_all(std::map<std::string, History>& histories) {
    std::vector<TortureKey> keys = shared_keys();
    for (int i = 0; i < kTortureClients; ++i) {
      for (const TortureKey& key : batch_keys(i)) keys.push_back(key);
    }
    const std::unique_ptr<Client> client = victim_.connect();
    std::map<std::string, Value> values;
    for (const TortureKey& key : keys) {
      Operation operation;
      operation.begin_ns = now_ns();
      const Reply reply = client->read(key.name);
      operation.end_ns = now_ns();
      if (reply.outcome == Operation::Outcome::unknown)
        throw std::runtime_error("reading " + key.name + ": " + reply.fault);
      operation.value = values[key.name] = reply.value;
      histories[key.name].push_back(operation);
    }
    return values;
  }

  static void check_batches(const std::map<std::string, Value>& values) {
    for (int i = 0; i < kTortureClients; ++i) {
      const std::vector<TortureKey> keys = batch_keys(i);
      for (const TortureKey& key : keys) {
        if (values.at(key.name) == values.at(keys[0].name)) continue;
        throw std::runtime_error("a batch was torn: " + key.name + " holds " + std::to_string(values.at(key.name)) +
                                 ", and " + keys[0].name + " holds " + std::to_string(values.at(keys[0].name)));
      }
    }
  }

  Victim& victim_;
  std::mt19937_64 random_;
  const std::uint64_t longest_ms_;
  std::atomic<Value> next_value_ = 1;
  std::map<std::string, Value> values_;  // what every key held after the last round
  std::uint64_t operations_ = 0;
};

std::optional<Arguments> parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const bool has_value = i + 1 < argc;
    if (std::strcmp(argv[i], "--power-cut") == 0) arguments.strike = Strike::power_cut;
    else if (std::strcmp(argv[i], "--full-disk") == 0) arguments.strike = Strike::full_disk;
    else if (std::strcmp(argv[i], "--no-descriptors") == 0) arguments.strike = Strike::no_descriptors;
    else if (std::strcmp(argv[i], "--rounds") == 0 && has_value) arguments.rounds = std::atoi(argv[++i]);
    else if (std::strcmp(argv[i], "--seed") == 0 && has_value) arguments.seed = std::strtoull(argv[++i], nullptr, 10);
    else return std::nullopt;
  }
  return arguments;
}

std::unique_ptr<Victim> make_victim(const std::filesystem::path& data, const Arguments& arguments) {
  switch (arguments.strike) {
    case Strike::kill: return make_killed_server(data);
    case Strike::power_cut: return make_powerless_store(data, arguments.seed);
    case Strike::full_disk: return make_short_store(data, arguments.seed, FaultyFiles::Fault::no_space);
    case Strike::no_descriptors: return make_short_store(data, arguments.seed, FaultyFiles::Fault::no_descriptors);
  }
  std::unreachable();
}

int run(const Arguments& arguments) {
  const TemporaryDirectory directory;
  const std::filesystem::path data = directory.path() / "data";
  const std::unique_ptr<Victim> victim = make_victim(data, arguments);
  Torture torture(*victim, arguments);
  for (int round = 1; round <= arguments.rounds; ++round) {
    try {
      torture.round();
    } catch (const std::runtime_error& fault) {
      std::printf("round %d, seed %llu: %s\n", round, static_cast<unsigned long long>(arguments.seed), fault.what());
      return 1;
    }
  }
  std::printf("%d rounds, %llu operations, 0 faults (seed %llu)\n", arguments.rounds,
              static_cast<unsigned long long>(torture.operations()), static_cast<unsigned long long>(arguments.seed));
  return 0;
}

}  // namespace
}  // namespace sconce::tests

int main(int argc, char** argv) {
  const auto arguments = sconce::tests::parse(argc, argv);
  if (arguments) return sconce::tests::run(*arguments);
  std::fprintf(stderr, "torture [--rounds N] [--power-cut | --full-disk | --no-descriptors] [--seed S]\n");
  return 2;
}
