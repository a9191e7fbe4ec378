#include "core/graph/key_places.h"

#include <algorithm>
#include <bit>

#include "core/graph/keyed_hash.h"

namespace sconce::core {

namespace {

constexpr std::size_t kBucketsMin = 64;

std::uint64_t hash_of(const Value& key) {
  switch (key.kind()) {
    case Kind::nil: return 0;
    case Kind::boolean: return keyed_hash(*key.boolean() ? 1 : 0);
    case Kind::number: return keyed_hash(std::bit_cast<std::uint64_t>(*key.number() + 0.0));  // -0 becomes 0
    case Kind::string: return keyed_hash(*key.string());
    default: return keyed_hash(reinterpret_cast<std::uintptr_t>(key.node()));
  }
}

}  // namespace

std::optional<std::size_t> KeyPlaces::find(Pairs pairs, const Value& key, Gone gone) const {
  const std::size_t mask = buckets_.size() - 1;
  for (std::size_t at = hash_of(key) & mask; buckets_[at] != 0; at = (at + 1) & mask) {
    const std::size_t place = buckets_[at] - 1;
    if (place >= pairs.size() || !same_key(pairs[place].first, key)) continue;
    if (gone == Gone::too || !pairs[place].second.is_nil()) return place;
  }
  return std::nullopt;
}

void KeyPlaces::insert(Pairs pairs, std::size_t place, std::size_t from) {
  if (2 * (used_ + 1) <= buckets_.size()) return put(pairs[place].first, place);
  const auto is_there = [](const auto& pair) { return !pair.second.is_nil(); };
  reset(2 * static_cast<std::size_t>(std::ranges::count_if(pairs.subspan(from), is_there)));
  for (std::size_t i = from; i < pairs.size(); ++i) {
    if (is_there(pairs[i])) put(pairs[i].first, i);
  }
}

void KeyPlaces::reset(std::size_t count) {
  used_ = 0;
  if (count == 0) return buckets_.clear();
  buckets_.assign(std::bit_ceil(std::max(2 * (count + 1), kBucketsMin)), 0);
}

void KeyPlaces::put(const Value& key, std::size_t place) {
  const std::size_t mask = buckets_.size() - 1;
  std::size_t at = hash_of(key) & mask;
  while (buckets_[at] != 0) at = (at + 1) & mask;
  buckets_[at] = static_cast<std::uint32_t>(place + 1);
  used_ += 1;
}

}  // namespace sconce::core
