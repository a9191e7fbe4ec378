#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/graph/value.h"

namespace sconce::core {

/// Where the pairs of a table stand, by key: an open hash table over an array of pairs that it does not own. The hash
/// is keyed with a secret of the process, so that no choice of keys makes it slow. A pair whose value is nil is gone.
/// Threads: reading is safe from many at once.
class KeyPlaces {
 public:
  using Pairs = std::span<const std::pair<Value, Value>>;

  explicit KeyPlaces(std::pmr::memory_resource* memory) : buckets_(memory) {}

  enum class Gone : std::uint8_t { not_found, too };

  bool empty() const { return used_ == 0; }
  std::optional<std::size_t> find(Pairs pairs, const Value& key, Gone gone = Gone::not_found) const;

  /// Adds pairs[place], with whose key no other stands. If there is no room, all is made anew, of the pairs from `from`
  /// on that are not gone.
  void insert(Pairs pairs, std::size_t place, std::size_t from);
  /// Nothing is in here any more, and there is room for `count`.
  void reset(std::size_t count);

 private:
  void put(const Value& key, std::size_t place);

  std::pmr::vector<std::uint32_t> buckets_;  // a place, from 1; 0: none. As many as a power of two
  std::size_t used_ = 0;                     // of the buckets
};

}  // namespace sconce::core
