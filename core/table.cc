#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "core/object.h"

namespace sconce::core {
namespace {

/// Entries behind the sequence up to which searching one by one is as fast.
constexpr std::size_t kUnsortedMax = 16;

/// A total order of keys, in which equal keys are neither before the other.
bool key_before(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return a.kind() < b.kind();
  switch (a.kind()) {
    case Kind::nil: return false;
    case Kind::boolean: return *a.boolean() < *b.boolean();
    case Kind::number: return *a.number() < *b.number();
    case Kind::string: return *a.string() < *b.string();
    default: return std::less<>{}(a.node(), b.node());
  }
}

/// Lua keeps no -0 as a key.
Value normalized_key(const Value& key) { return key.number() == 0.0 ? Value(0.0) : key; }

}  // namespace

std::optional<std::size_t> Table::sequence_position(const Value& key) const {
  const auto number = key.number();
  if (!number || !(*number >= 1 && *number <= static_cast<double>(sequence_count_))) return std::nullopt;
  const auto position = static_cast<std::size_t>(*number);
  if (static_cast<double>(position) != *number) return std::nullopt;
  return position - 1;
}

std::optional<std::size_t> Table::find(const Value& key) const {
  if (const auto position = sequence_position(key)) return position;
  if (order_.empty()) {
    const auto found = std::find_if(entries_.begin() + static_cast<std::ptrdiff_t>(sequence_count_), entries_.end(),
                                    [&key](const Entry& entry) { return same_key(entry.first, key); });
    if (found == entries_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - entries_.begin());
  }
  const auto found = std::lower_bound(
      order_.begin(), order_.end(), key,
      [this](std::uint32_t position, const Value& wanted) { return key_before(entries_[position].first, wanted); });
  if (found == order_.end() || !same_key(entries_[*found].first, key)) return std::nullopt;
  return *found;
}

Value Table::get(const Value& key) const {
  const auto position = find(key);
  return position ? entries_[*position].second : Value();
}

void Table::set(const Value& key, const Value& value) {
  assert(!key.is_nil() && !(key.number() && std::isnan(*key.number())));
  const auto position = find(key);
  if (position && !value.is_nil()) {
    entries_[*position].second = value;
  } else if (position) {
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(*position));
    sequence_count_ = std::min(sequence_count_, *position);
    count_sequence();
    sort_order();
  } else if (!value.is_nil()) {
    entries_.emplace_back(normalized_key(key), value);
    count_sequence();
    if (sequence_count_ == entries_.size()) return;
    if (order_.empty()) return sort_order();
    const auto at = static_cast<std::uint32_t>(entries_.size() - 1);
    order_.insert(std::upper_bound(order_.begin(), order_.end(), at,
                                   [this](std::uint32_t a, std::uint32_t b) {
                                     return key_before(entries_[a].first, entries_[b].first);
                                   }),
                  at);
  }
}

void Table::settle() {
  sequence_count_ = 0;
  count_sequence();
  for (std::size_t i = sequence_count_; i < entries_.size(); ++i) entries_[i].first = normalized_key(entries_[i].first);
  merge_duplicates();
  const auto gone = std::ranges::remove_if(entries_, [](const Entry& entry) { return entry.second.is_nil(); });
  if (!gone.empty()) {
    entries_.erase(gone.begin(), gone.end());
    sequence_count_ = 0;
    count_sequence();
  }
  sort_order();
}

/// Of entries with equal keys the first takes the value of the last; the values of the others become nil.
void Table::merge_duplicates() {
  const auto merge = [this](std::size_t first, std::size_t later) {
    entries_[first].second = entries_[later].second;
    entries_[later].second = Value();
  };
  for (std::size_t i = sequence_count_; i < entries_.size(); ++i) {
    if (const auto first = sequence_position(entries_[i].first)) merge(*first, i);
  }
  sort_order();
  if (order_.empty()) {
    for (std::size_t i = sequence_count_; i < entries_.size(); ++i) {
      const auto first = find(entries_[i].first);
      if (*first >= sequence_count_ && *first < i) merge(*first, i);
    }
  }
  for (std::size_t i = 1, first = 0; i < order_.size(); ++i) {
    if (same_key(entries_[order_[first]].first, entries_[order_[i]].first)) {
      merge(order_[first], order_[i]);
    } else {
      first = i;
    }
  }
}

void Table::count_sequence() {
  while (sequence_count_ < entries_.size() &&
         entries_[sequence_count_].first.number() == static_cast<double>(sequence_count_ + 1)) {
    ++sequence_count_;
  }
}

void Table::sort_order() {
  order_.clear();
  if (entries_.size() - sequence_count_ <= kUnsortedMax) return;
  order_.resize(entries_.size() - sequence_count_);
  std::iota(order_.begin(), order_.end(), static_cast<std::uint32_t>(sequence_count_));
  std::ranges::sort(order_, [this](std::uint32_t a, std::uint32_t b) {
    if (key_before(entries_[a].first, entries_[b].first)) return true;
    return a < b && !key_before(entries_[b].first, entries_[a].first);
  });
}

}  // namespace sconce::core
