#include "tests/torture/torture.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

#include "tests/torture/history/linearizability.h"

namespace sconce::tests {

namespace {

std::map<std::string, History> merged(const std::vector<Deeds>& deeds) {
  std::map<std::string, History> histories;
  for (const Deeds& each : deeds) {
    if (!each.faults.empty()) throw std::runtime_error(each.faults.front());
    for (const auto& [key, history] : each.histories) {
      histories[key].insert(histories[key].end(), history.begin(), history.end());
    }
  }
  return histories;
}

void check_batches(const std::map<std::string, Value>& values) {
  for (int i = 0; i < kTortureClients; ++i) {
    const std::vector<TortureKey> keys = batch_keys(i);
    for (const TortureKey& key : keys) {
      if (values.at(key.name) == values.at(keys[0].name)) continue;
      throw std::runtime_error("a batch was torn: " + key.name + " holds " + std::to_string(values.at(key.name)) +
                               ", and " + keys[0].name + " holds " + std::to_string(values.at(keys[0].name)));
    }
  }
}

/// Clients at work. Struck at the end, at the latest.
class ClientsAtWork {
 public:
  ClientsAtWork(Victim& victim, std::mt19937_64& random, std::atomic<Value>& next_value)
      : victim_(victim), deeds_(kTortureClients), answers_(kTortureClients) {
    for (int i = 0; i < kTortureClients; ++i) clients_.push_back(victim.connect());
    for (std::size_t i = 0; i < kTortureClients; ++i) {
      threads_.emplace_back([this, i, seed = random(), &next_value] {
        deeds_[i] = work(*clients_[i], static_cast<int>(i), seed, next_value, answers_[i]);
      });
    }
  }
  ~ClientsAtWork() {
    if (!threads_.empty()) end();
  }
  ClientsAtWork(const ClientsAtWork&) = delete;
  ClientsAtWork& operator=(const ClientsAtWork&) = delete;

  /// Until each has had the answer of a request that it began from here on.
  void wait_for_answers() const {
    std::vector<std::uint64_t> enough;
    for (const auto& answers : answers_) enough.push_back(std::min(answers.load(), kAllAnswers - 2) + 2);
    if (const auto late = first_without(enough)) throw std::runtime_error(*late);
  }

  std::vector<Deeds> strike() {
    end();
    return std::move(deeds_);
  }

 private:
  // No sum of slow operations that one request waits for is as long.
  static constexpr std::chrono::minutes kPatience{2};

  void end() {
    victim_.strike();
    if (const auto late = first_without(std::vector(kTortureClients, kAllAnswers))) {
      // Its thread may never end, and what it uses cannot go before it: the data stays where it is.
      std::printf("after the strike: %s\n", late->c_str());
      std::fflush(stdout);
      std::_Exit(1);
    }
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  /// Waits until each has had so many answers. The client that has not in the end, as a sentence.
  std::optional<std::string> first_without(const std::vector<std::uint64_t>& enough) const {
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      while (answers_[i] < enough[i]) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        if (std::chrono::steady_clock::now() - begin < kPatience) continue;
        return "client " + std::to_string(i) + " has had no answer for two minutes";
      }
    }
    return std::nullopt;
  }

  Victim& victim_;
  std::vector<Deeds> deeds_;
  std::vector<std::atomic<std::uint64_t>> answers_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::thread> threads_;
};

constexpr std::uint64_t kDisturbances = 3;

}  // namespace

void Torture::round() {
  const std::vector<Deeds> deeds = strike_clients_at_work();
  victim_.restore();
  std::map<std::string, History> histories = merged(deeds);
  const std::map<std::string, Value> values = read_all(histories);
  for (const auto& [key, history] : histories) {
    operations_ += history.size();
    note_longest(key, history);
    const auto why = why_not_linearizable(history, values_[key]);
    if (why) throw std::runtime_error(key + ", which held " + std::to_string(values_[key]) + ": " + *why);
  }
  check_batches(values);
  values_ = values;
  check_revisions(deeds);
}

void Torture::note_longest(const std::string& key, const History& history) {
  for (const Operation& operation : history) {
    if (operation.end_ns - operation.begin_ns <= longest_ns_) continue;
    longest_ns_ = operation.end_ns - operation.begin_ns;
    longest_ = (operation.kind == Operation::Kind::read ? "a read of " : "a write of ") + key;
    if (operation.outcome == Operation::Outcome::unknown) longest_ += " without an answer";
  }
}

void Torture::check_revisions(const std::vector<Deeds>& deeds) {
  std::vector<WrittenRevision> revisions;
  for (const Deeds& each : deeds) revisions.insert(revisions.end(), each.revisions.begin(), each.revisions.end());
  if (const auto why = why_revisions_do_not_grow(revisions, newest_revision_)) throw std::runtime_error(*why);
  for (const WrittenRevision& revision : revisions) newest_revision_ = std::max(newest_revision_, revision.text);
}

std::vector<Deeds> Torture::strike_clients_at_work() {
  ClientsAtWork clients(victim_, random_, next_value_);
  const std::chrono::microseconds time(1'000 * (1 + random_() % options_.longest_ms));
  for (std::uint64_t i = 0; i < kDisturbances; ++i) {
    std::this_thread::sleep_for(time / (kDisturbances + 1));
    victim_.disturb();
  }
  if (options_.with_answers) clients.wait_for_answers();
  std::this_thread::sleep_for(time / (kDisturbances + 1));
  return clients.strike();
}

/// What every key holds now, added to its history.
std::map<std::string, Value> Torture::read_all(std::map<std::string, History>& histories) {
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

}  // namespace sconce::tests
