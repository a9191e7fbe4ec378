#include "tests/torture/workload.h"

#include <chrono>
#include <random>

#include "tests/torture/content.h"

namespace sconce::tests {

namespace {

using Kind = Operation::Kind;
using Outcome = Operation::Outcome;

class Worker {
 public:
  Worker(Client& client, int number, std::uint64_t seed, std::atomic<Value>& next_value,
         std::atomic<std::uint64_t>& answers)
      : client_(client), number_(number), random_(seed), next_value_(next_value), answers_(answers) {}

  Deeds run() {
    while (step()) ++answers_;
    answers_ = kAllAnswers;
    return std::move(deeds_);
  }

 private:
  /// False once there was no answer, or a fault.
  bool step() {
    const int dice = static_cast<int>(random_() % 100);
    const TortureKey& key = any_key();
    if (dice < 30) return write(key, {});
    if (dice < 60) return read(key);
    if (dice < 75) return swap(key);
    if (dice < 85) return write(key, {.kind = Guard::Kind::absent});
    if (dice < 93) return remove(key);
    return write_batch();
  }

  /// Huge ones are rare.
  const TortureKey& any_key() {
    const std::vector<TortureKey>& keys = shared_keys();
    const TortureKey& key = keys[random_() % keys.size()];
    if (key.size_bytes < kTortureHugeBytes || random_() % 10 == 0) return key;
    return keys[0];
  }

  bool read(const TortureKey& key) {
    Operation operation = begin(Kind::read);
    const Reply reply = client_.read(key.name);
    operation.value = reply.value;
    if (reply.outcome == Outcome::applied) seen_[key.name] = {reply.value, reply.version};
    return end(key.name, operation, reply);
  }

  bool write(const TortureKey& key, const Guard& guard) {
    const Value value = next_value_++;
    const std::string object = object_of(value, key.size_bytes);
    Operation operation = begin(guard.kind == Guard::Kind::absent ? Kind::write_if_absent : Kind::write);
    operation.value = value;
    const Reply reply = client_.write(key.name, object, guard);
    return end(key.name, operation, reply);
  }

  /// Replaces what it has read last.
  bool swap(const TortureKey& key) {
    const auto seen = seen_.find(key.name);
    if (seen == seen_.end() || seen->second.value == kNone) return read(key);
    const Value value = next_value_++;
    const std::string object = object_of(value, key.size_bytes);
    Operation operation = begin(Kind::write_if_is);
    operation.value = value;
    operation.expected = seen->second.value;
    const Guard guard{.kind = Guard::Kind::version, .version = seen->second.version};
    return end(key.name, operation, client_.write(key.name, object, guard));
  }

  bool remove(const TortureKey& key) {
    const Operation operation = begin(Kind::remove);
    return end(key.name, operation, client_.remove(key.name));
  }

  bool write_batch() {
    const Value value = next_value_++;
    std::vector<std::string> names;
    std::vector<std::string> objects;
    for (const TortureKey& key : batch_keys(number_)) {
      names.push_back(key.name);
      objects.push_back(object_of(value, key.size_bytes));
    }
    Operation operation = begin(Kind::write);
    operation.value = value;
    const Reply reply = client_.write_all(names, objects);
    bool more = true;
    for (const std::string& name : names) more = end(name, operation, reply);
    return more;
  }

  static Operation begin(Kind kind) {
    Operation operation;
    operation.kind = kind;
    operation.begin_ns = now_ns();
    return operation;
  }

  bool end(const std::string& key, Operation operation, const Reply& reply) {
    operation.end_ns = now_ns();
    operation.outcome = reply.outcome;
    if (!reply.fault.empty()) deeds_.faults.push_back(reply.fault);
    deeds_.histories[key].push_back(operation);
    const bool is_written = operation.kind != Kind::read && reply.outcome == Outcome::applied;
    if (is_written && !reply.version.empty()) {
      deeds_.revisions.push_back({reply.version, operation.begin_ns, operation.end_ns});
    }
    return reply.outcome != Outcome::unknown;
  }

  struct Seen {
    Value value;
    std::string version;
  };

  Client& client_;
  const int number_;
  std::mt19937_64 random_;
  std::atomic<Value>& next_value_;
  std::atomic<std::uint64_t>& answers_;
  std::map<std::string, Seen> seen_;
  Deeds deeds_;
};

}  // namespace

const std::vector<TortureKey>& shared_keys() {
  static const std::vector<TortureKey> keys = {
      {"tiny-0", 50},        {"tiny-1", 200},       {"small-0", 5'000},         {"small-1", 20'000},
      {"medium-0", 300'000}, {"medium-1", 700'000}, {"huge", kTortureHugeBytes}};
  return keys;
}

std::vector<TortureKey> batch_keys(int client) {
  const std::string prefix = "batch-" + std::to_string(client) + "-";
  return {{prefix + "tiny", 50}, {prefix + "small", 10'000}, {prefix + "medium", 300'000}};
}

Deeds work(Client& client, int number, std::uint64_t seed, std::atomic<Value>& next_value,
           std::atomic<std::uint64_t>& answers) {
  return Worker(client, number, seed, next_value, answers).run();
}

std::int64_t now_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

}  // namespace sconce::tests
