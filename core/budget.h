#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/error.h"
#include "core/memory_pool.h"

namespace sconce::core {

struct BudgetLimits {
  /// Work beside what is read and written in any case: an event that is read to find something, a part that is looked
  /// at, a size of a tensor that is copied. A step takes about 30 ns. Stops n requests for what has to be sought from
  /// reading an object n times. An object adds as many as it has bytes (`allow_for`).
  std::uint64_t steps_max = std::uint64_t{1} << 25;
  /// Memory of what has to be remembered: outlines, names, shapes, indices. Stops small objects that say large things
  /// again and again. The parts of an object take about 1 KiB each while a format of tensors is written of them.
  std::uint64_t held_bytes_max = std::uint64_t{256} << 20;
  /// Work for what an error adds to be helpful; beyond it errors say less.
  std::uint64_t hint_steps_max = std::uint64_t{1} << 24;
};

/// What one request may still cost, however many objects and parts it asks for: whoever works for it draws from the
/// same one. What is held is drawn from the memory of all requests too, if `pool` is not null. Lifetime: `pool` is
/// borrowed. Threads: one at a time.
class Budget {
 public:
  explicit Budget(const BudgetLimits& limits = {}, MemoryPool* pool = nullptr)
      : limits_(limits), pool_(pool), steps_(limits.steps_max), hint_steps_(limits.hint_steps_max), held_(pool) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  /// For who answers to nobody: a command that was given one object.
  static BudgetLimits unlimited() { return {UINT64_MAX, UINT64_MAX, UINT64_MAX}; }

  /// An object of that many canonical bytes is looked into for the first time. It can be read at least four times for
  /// that: no event has fewer than four bytes.
  void allow_for(std::uint64_t object_bytes) { steps_ += std::min(object_bytes, UINT64_MAX - steps_); }

  /// Errors: limit_exceeded, saying what to do; and from then on always.
  Status spend(std::uint64_t steps) {
    if (steps > steps_ || steps_ == 0) {
      steps_ = 0;
      return too_many_steps();
    }
    steps_ -= steps;
    return {};
  }
  /// Whether that much work may be done for a hint.
  bool spend_on_hint(std::uint64_t steps) {
    if (steps > hint_steps_) return false;
    hint_steps_ -= steps;
    return true;
  }

  const BudgetLimits& limits() const { return limits_; }
  std::uint64_t held_bytes() const { return held_.bytes(); }
  /// For what another limit bounds. May be null.
  MemoryPool* pool() const { return pool_; }

 private:
  friend class Held;

  Status hold(std::uint64_t bytes) {
    if (bytes > limits_.held_bytes_max - held_.bytes()) return too_much_held();
    return held_.add(bytes);
  }
  void release(std::uint64_t bytes) { held_.release(bytes); }
  std::unexpected<Error> too_many_steps() const;
  std::unexpected<Error> too_much_held() const;

  const BudgetLimits limits_;
  MemoryPool* const pool_;
  std::uint64_t steps_;
  std::uint64_t hint_steps_;
  Drawn held_;
};

/// Memory that is drawn from a budget, as long as this lives. Lifetime: the budget is borrowed.
class Held {
 public:
  Held() = default;
  explicit Held(Budget& budget) : budget_(&budget) {}
  Held(Held&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Held& operator=(Held&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Held() { release(); }

  /// Errors: limit_exceeded; overloaded, if other requests have the memory.
  Status add(std::uint64_t bytes) {
    if (budget_ == nullptr) return {};
    Status held = budget_->hold(bytes);
    if (held) bytes_ += bytes;
    return held;
  }
  void release() {
    if (budget_ != nullptr) budget_->release(std::exchange(bytes_, 0));
  }

 private:
  Budget* budget_ = nullptr;
  std::uint64_t bytes_ = 0;
};

}  // namespace sconce::core
