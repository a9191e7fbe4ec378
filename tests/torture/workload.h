#pragma once

#include <atomic>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "tests/torture/client.h"
#include "tests/torture/history/written_revisions.h"

namespace sconce::tests {

/// The keys of a torture, and how large their objects are.
struct TortureKey {
  std::string name;
  std::size_t size_bytes = 0;
};

inline constexpr int kTortureClients = 8;
inline constexpr std::size_t kTortureHugeBytes = 50'000'000;

/// Keys that all clients write.
const std::vector<TortureKey>& shared_keys();
/// Keys that one client writes with batches, all with the same value.
std::vector<TortureKey> batch_keys(int client);

/// What one client did, by key.
struct Deeds {
  std::map<std::string, History> histories;
  std::vector<WrittenRevision> revisions;
  std::vector<std::string> faults;
};

/// Reads, writes, swaps, removes and commits batches at random until there is no answer any more, or a fault.
/// `next_value` is shared by all clients. `answers` counts as it goes on, and is `kAllAnswers` at the end.
Deeds work(Client& client, int number, std::uint64_t seed, std::atomic<Value>& next_value,
           std::atomic<std::uint64_t>& answers);
inline constexpr std::uint64_t kAllAnswers = std::numeric_limits<std::uint64_t>::max();

/// Now, on the clock of operations.
std::int64_t now_ns();

}  // namespace sconce::tests
