#include "core/graph/table.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace sconce::core {
namespace {

/// Slots after the sequence up to which searching one by one is as fast.
constexpr std::size_t kSearchedMax = 16;

/// Lua keeps no -0 as a key.
Value normalized_key(const Value& key) { return key.number() == 0.0 ? Value(0.0) : key; }

}  // namespace

std::optional<std::size_t> Table::sequence_slot(const Value& key) const {
  const auto number = key.number();
  if (!number || !(*number >= 1 && *number <= static_cast<double>(sequence_count_))) return std::nullopt;
  const auto slot = static_cast<std::size_t>(*number) - 1;
  if (static_cast<double>(slot + 1) != *number) return std::nullopt;
  return slot;
}

std::optional<std::size_t> Table::find(const Value& key) const {
  if (const auto slot = sequence_slot(key); slot && !slots_[*slot].second.is_nil()) return slot;
  if (!places_.empty()) return places_.find(slots_, key);
  const auto found =
      std::find_if(slots_.begin() + static_cast<std::ptrdiff_t>(sequence_count_), slots_.end(),
                   [&key](const Entry& slot) { return !slot.second.is_nil() && same_key(slot.first, key); });
  if (found == slots_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - slots_.begin());
}

Value Table::get(const Value& key) const {
  const auto place = find(key);
  return place ? slots_[*place].second : Value();
}

void Table::set(const Value& key, const Value& value) {
  assert(!key.is_nil() && !(key.number() && std::isnan(*key.number())));
  const auto place = find(key);
  if (place && !value.is_nil()) {
    slots_[*place].second = value;
  } else if (place) {
    remove(*place);
  } else if (!value.is_nil()) {
    add(normalized_key(key), value);
  }
}

/// Leaves a hole. Once half of the slots are holes they are closed, which costs as much as making them did.
void Table::remove(std::size_t place) {
  slots_[place].second = Value();
  holes_ += 1;
  while (!slots_.empty() && slots_.back().second.is_nil()) {
    slots_.pop_back();
    holes_ -= 1;
  }
  sequence_count_ = std::min(sequence_count_, slots_.size());
  if (holes_ > kSearchedMax && holes_ > slots_.size() / 2) close_holes();
}

void Table::add(const Value& key, const Value& value) {
  slots_.emplace_back(key, value);
  count_sequence();
  if (sequence_count_ == slots_.size()) return;
  if (!places_.empty() || slots_.size() - sequence_count_ > kSearchedMax)
    places_.insert(slots_, slots_.size() - 1, sequence_count_);
}

void Table::finish_appending() {
  sequence_count_ = 0;
  count_sequence();
  for (std::size_t i = sequence_count_; i < slots_.size(); ++i) slots_[i].first = normalized_key(slots_[i].first);
  merge_duplicates();
  if (std::ranges::any_of(slots_, [](const Entry& slot) { return slot.second.is_nil(); })) close_holes();
}

/// Of slots with equal keys the first takes the value of the last; the others become nil.
void Table::merge_duplicates() {
  const std::size_t count = slots_.size() - sequence_count_;
  places_.reset(count > kSearchedMax ? count : 0);
  for (std::size_t i = sequence_count_; i < slots_.size(); ++i) {
    const auto first = first_before(i);
    if (!first) {
      if (count > kSearchedMax) places_.insert(slots_, i, sequence_count_);
      continue;
    }
    slots_[*first].second = slots_[i].second;
    slots_[i].second = Value();
  }
}

/// The slot before this one, which stands after the sequence, that has its key, whatever its value.
std::optional<std::size_t> Table::first_before(std::size_t slot) const {
  const Value& key = slots_[slot].first;
  if (const auto place = sequence_slot(key)) return place;
  if (!places_.empty()) return places_.find(slots_, key, KeyPlaces::Gone::too);
  for (std::size_t i = sequence_count_; i < slot; ++i) {
    if (same_key(slots_[i].first, key)) return i;
  }
  return std::nullopt;
}

void Table::close_holes() {
  std::erase_if(slots_, [](const Entry& slot) { return slot.second.is_nil(); });
  holes_ = 0;
  sequence_count_ = 0;
  count_sequence();
  const std::size_t count = slots_.size() - sequence_count_;
  places_.reset(0);
  if (count > kSearchedMax) places_.insert(slots_, slots_.size() - 1, sequence_count_);
}

void Table::count_sequence() {
  while (sequence_count_ < slots_.size() &&
         slots_[sequence_count_].first.number() == static_cast<double>(sequence_count_ + 1)) {
    ++sequence_count_;
  }
}

}  // namespace sconce::core
