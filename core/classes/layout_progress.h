#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/classes/class_layout.h"
#include "core/exact_integer.h"

namespace sconce::core {

/// Where an instance's payload stands in the layout of its class. Can be used again, so that its memory is allocated
/// once. Lifetime: the layout is borrowed. Threads: one at a time.
class LayoutProgress {
 public:
  void begin(const ClassLayout& layout) {
    layout_ = &layout;
    op_ = 0;
    counts_.assign(layout.ops.size(), 0);
    groups_.clear();
  }

  /// What is written next; null if all has been.
  const LayoutOp* next() const { return op_ == layout_->ops.size() ? nullptr : &layout_->ops[op_]; }
  /// How often; kNoCount if what was read is no count at all.
  std::int64_t count() const {
    const RepeatCount& count = layout_->ops[op_].count;
    return count.from ? counts_[*count.from] : count.constant;
  }

  /// The next one is a group: goes into it, or over it if its count is 0.
  void enter_group() {
    const std::int64_t rounds = count();
    const std::size_t begin = op_ + 1;
    const std::size_t end = begin + layout_->ops[op_].group_ops;
    op_ = rounds > 0 ? begin : end;
    if (rounds > 0) groups_.push_back({.begin = begin, .end = end, .rounds = rounds});
    else leave_groups();
  }

  /// The next one is a count, and this is what was read.
  void set_count(std::int64_t count) { counts_[op_] = count; }
  void set_count(double number) { set_count(is_exact_integer(number) ? static_cast<std::int64_t>(number) : kNoCount); }

  /// The next one has been read.
  void op_done() {
    ++op_;
    leave_groups();
  }

  static constexpr std::int64_t kNoCount = INT64_MIN;

 private:
  struct Group {
    std::size_t begin;  // its operations
    std::size_t end;
    std::int64_t rounds;  // this one included
  };

  void leave_groups() {
    while (!groups_.empty() && op_ == groups_.back().end) {
      if (--groups_.back().rounds > 0) {
        op_ = groups_.back().begin;
        return;
      }
      groups_.pop_back();
    }
  }

  const ClassLayout* layout_ = nullptr;
  std::size_t op_ = 0;
  std::vector<std::int64_t> counts_;  // what each operation read, if it is a count
  std::vector<Group> groups_;         // that are open
};

}  // namespace sconce::core
