#include "tests/torture/torture.h"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>

#include "tests/torture/linearizability.h"

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

}  // namespace

void Torture::round() {
  const std::vector<Deeds> deeds = strike_clients_at_work();
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

std::vector<Deeds> Torture::strike_clients_at_work() {
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
