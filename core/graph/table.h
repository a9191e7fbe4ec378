#pragma once

#include <cstddef>
#include <iterator>
#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/graph/key_places.h"
#include "core/graph/value.h"

namespace sconce::core {

/// A Lua table: pairs in the order in which they were read or first set. No nil and no NaN is a key, no nil is a value,
/// and no key stands twice; 1, 2, 3, … are ordinary number keys. A key that was removed and is set again stands last.
///
/// Lifetime: lives in its Object, as do its keys and values. Threads: reading is safe from many at once, as long as
/// nobody sets. Errors: std::bad_alloc.
class Table {
 public:
  using Entry = std::pair<Value, Value>;

  /// The pairs, in order.
  class Entries {
   public:
    class Iterator {
     public:
      // NOLINTBEGIN(readability-identifier-naming): the standard's names
      using iterator_category = std::forward_iterator_tag;
      using value_type = Entry;
      using difference_type = std::ptrdiff_t;
      using pointer = const Entry*;
      using reference = const Entry&;
      // NOLINTEND(readability-identifier-naming)

      Iterator() = default;
      Iterator(const Entry* at, const Entry* end) : at_(at), end_(end) { skip(); }
      reference operator*() const { return *at_; }
      pointer operator->() const { return at_; }
      Iterator& operator++() {
        ++at_;
        skip();
        return *this;
      }
      Iterator operator++(int) {
        const Iterator before = *this;
        ++*this;
        return before;
      }
      friend bool operator==(const Iterator& a, const Iterator& b) { return a.at_ == b.at_; }

     private:
      void skip() {
        while (at_ != end_ && at_->second.is_nil()) ++at_;
      }

      const Entry* at_ = nullptr;
      const Entry* end_ = nullptr;
    };

    explicit Entries(std::span<const Entry> slots) : slots_(slots) {}
    Iterator begin() const { return {slots_.data(), slots_.data() + slots_.size()}; }
    Iterator end() const { return {slots_.data() + slots_.size(), slots_.data() + slots_.size()}; }

   private:
    std::span<const Entry> slots_;
  };

  explicit Table(std::pmr::memory_resource* memory) : slots_(memory), places_(memory) {}

  Entries entries() const { return Entries(slots_); }
  std::size_t size() const { return slots_.size() - holes_; }

  /// The pairs where they stand, and between them a nil value where one was removed: for going on at a place.
  std::span<const Entry> slots() const { return slots_; }

  /// Nil if there is none. O(1).
  Value get(const Value& key) const;
  Value operator[](std::string_view key) const { return get(Value::view_of(key)); }
  Value operator[](int key) const { return get(Value(key)); }

  /// As `t[key] = value`: replaces, and removes if the value is nil. `key` is neither nil nor NaN. O(1), amortized.
  void set(const Value& key, const Value& value);

  /// Appends without looking for the key; `finish_appending` must follow before anything else is called. For building
  /// many at once.
  void append_unchecked(Value key, Value value) { slots_.emplace_back(key, value); }
  void reserve(std::size_t count) { slots_.reserve(count); }

  /// Makes the table true again after `append_unchecked`: of equal keys the last one wins, and pairs whose value is nil
  /// go.
  void finish_appending();

 private:
  std::optional<std::size_t> sequence_slot(const Value& key) const;
  std::optional<std::size_t> find(const Value& key) const;
  void remove(std::size_t place);
  void add(const Value& key, const Value& value);
  void merge_duplicates();
  std::optional<std::size_t> first_before(std::size_t slot) const;
  void close_holes();
  void count_sequence();

  std::pmr::vector<Entry> slots_;
  std::size_t holes_ = 0;
  std::size_t sequence_count_ = 0;  // slots_[i] has the key i + 1 for all i below this
  KeyPlaces places_;                // of what stands after the sequence; empty while that is little
};

}  // namespace sconce::core
