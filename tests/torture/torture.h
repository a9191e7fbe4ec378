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
    bool with_answers = false;     // every client gets one before the strike, however long that takes
  };
  /// `victim` is borrowed.
  Torture(Victim& victim, const Options& options) : victim_(victim), options_(options), random_(options.seed) {}

  /// Throws std::runtime_error, a sentence, where what happened is not what a store may do.
  void round();

  std::uint64_t operations() const { return operations_; }
  /// The operation that took longest, as words.
  std::string longest() const { return std::to_string(longest_ns_ / 1'000'000) + " ms for " + longest_; }

 private:
  std::vector<Deeds> strike_clients_at_work();
  void note_longest(const std::string& key, const History& history);
  void check_revisions(const std::vector<Deeds>& deeds);
  std::map<std::string, Value> read_all(std::map<std::string, History>& histories);

  Victim& victim_;
  const Options options_;
  std::mt19937_64 random_;
  std::atomic<Value> next_value_ = 1;
  std::map<std::string, Value> values_;  // what every key held after the last round
  std::string newest_revision_;          // of all rounds
  std::uint64_t operations_ = 0;
  std::int64_t longest_ns_ = 0;
  std::string longest_;
};

}  // namespace sconce::tests
