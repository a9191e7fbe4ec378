#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace sconce::core {

/// Things known by an object's index, which is any int32, while Torch numbers 1, 2, 3, …: entries whose index is higher
/// than all before are kept in a sorted array, others in a tree, so that no choice of indices makes it slow.
///
/// Threads: reading is safe from many, as long as nobody inserts. Cost: O(log n); O(1) for indices in order.
template <class T>
class IndexMap {
 public:
  void insert(std::int32_t index, T value) {
    if (ascending_.empty() || ascending_.back().first < index) {
      ascending_.emplace_back(index, std::move(value));
    } else {
      others_.insert_or_assign(index, std::move(value));
    }
  }

  T* find(std::int32_t index) { return const_cast<T*>(std::as_const(*this).find(index)); }
  const T* find(std::int32_t index) const {
    if (!others_.empty()) {
      const auto other = others_.find(index);
      if (other != others_.end()) return &other->second;
    }
    // Dense numbering puts index i at position i - first; otherwise search.
    if (ascending_.empty() || index < ascending_.front().first) return nullptr;
    const auto guess = static_cast<std::size_t>(std::int64_t{index} - ascending_.front().first);
    if (guess < ascending_.size() && ascending_[guess].first == index) return &ascending_[guess].second;
    const auto found = std::ranges::lower_bound(ascending_, index, {}, &std::pair<std::int32_t, T>::first);
    return found != ascending_.end() && found->first == index ? &found->second : nullptr;
  }

  std::size_t size() const { return ascending_.size() + others_.size(); }

 private:
  std::vector<std::pair<std::int32_t, T>> ascending_;
  std::map<std::int32_t, T> others_;
};

/// A set of indices; 1, 2, 3, … inserted in order cost nothing. Threads: as IndexMap.
class IndexSet {
 public:
  IndexSet() = default;
  /// 1 to `in_order` are in it.
  explicit IndexSet(std::int32_t in_order) : in_order_(in_order) {}

  /// Whether it was not in the set yet.
  bool insert(std::int32_t index) {
    if (contains(index)) return false;
    if (std::int64_t{index} == std::int64_t{in_order_} + 1) {
      ++in_order_;
    } else {
      others_.insert(index, {});
    }
    return true;
  }
  bool contains(std::int32_t index) const {
    return (index >= 1 && index <= in_order_) || others_.find(index) != nullptr;
  }
  /// How many are kept one by one.
  std::size_t kept() const { return others_.size(); }

 private:
  struct Nothing {};
  std::int32_t in_order_ = 0;
  IndexMap<Nothing> others_;
};

}  // namespace sconce::core
