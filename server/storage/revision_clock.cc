#include "server/storage/revision_clock.h"

#include <algorithm>

namespace sconce::server::storage {

namespace {

void store_big_endian(std::uint8_t* out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
}

std::uint64_t load_big_endian(const std::uint8_t* bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = (value << 8U) | bytes[i];
  return value;
}

/// So much of the system's randomness that no two clocks make the same numbers.
std::mt19937_64 seeded() {
  std::random_device random;
  std::array<std::uint32_t, 8> words{};
  for (std::uint32_t& word : words) word = random();
  std::seed_seq seed(words.begin(), words.end());
  return std::mt19937_64(seed);
}

}  // namespace

RevisionClock::RevisionClock(const Revision& floor) : last_(load_big_endian(floor.bytes.data())), random_(seeded()) {}

Revision RevisionClock::next(std::chrono::system_clock::time_point now) noexcept {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const std::lock_guard lock(mutex_);
  last_ = std::max(last_ + 1, static_cast<std::uint64_t>(milliseconds) << 16U);
  Revision revision;
  store_big_endian(revision.bytes.data(), last_);
  store_big_endian(revision.bytes.data() + 8, random_());
  return revision;
}

Revision revision_of_commit(const std::vector<Write>& writes, const std::vector<std::optional<ObjectMeta>>& after,
                            RevisionClock& clock) {
  for (std::size_t i = writes.size(); i > 0; --i) {
    if (std::holds_alternative<Put>(writes[i - 1].what)) return after[i - 1]->revision;
  }
  return clock.next(std::chrono::system_clock::now());
}

}  // namespace sconce::server::storage
