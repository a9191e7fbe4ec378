#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/torture/client.h"
#include "tests/torture/workload.h"

namespace sconce::tests {

/// Clients at work on a victim that is struck in the middle of it, again and again.
class Torture {
 public:
  struct Options {
    std::uint64_t seed = 0;
    std::uint64_t longest_ms = 0;  // before the strike
  };
  /// `victim` is borrowed.
  Torture(Victim& victim, const Options& options)
      : victim_(victim), random_(options.seed), longest_ms_(options.longest_ms) {}

  /// Throws std::runtime_error, a sentence, where what happened is not what a store may do.
  void round();

  std::uint64_t operations() const { return operations_; }

 private:
  std::vector<Deeds> strike_clients_at_work();
  std::map<std::string, Value> read_all(std::map<std::string, History>& histories);

  Victim& victim_;
  std::mt19937_64 random_;
  const std::uint64_t longest_ms_;
  std::atomic<Value> next_value_ = 1;
  std::map<std::string, Value> values_;  // what every key held after the last round
  std::uint64_t operations_ = 0;
};

}  // namespace sconce::tests
