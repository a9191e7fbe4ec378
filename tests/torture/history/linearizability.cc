#include "tests/torture/history/linearizability.h"

#include <algorithm>
#include <limits>
#include <set>

namespace sconce::tests {

namespace {

using Kind = Operation::Kind;
using Outcome = Operation::Outcome;

Value after_unknown(const Operation& operation, Value state) {
  switch (operation.kind) {
    case Kind::read: return state;
    case Kind::write: return operation.value;
    case Kind::write_if_absent: return state == kNone ? operation.value : state;
    case Kind::write_if_is: return state == operation.expected ? operation.value : state;
    case Kind::remove: return kNone;
  }
  return state;
}

/// What the key holds after the operation; nothing if it cannot have gone so.
std::optional<Value> after(const Operation& operation, Value state) {
  if (operation.outcome == Outcome::unknown) return after_unknown(operation, state);
  const bool applied = operation.outcome == Outcome::applied;
  bool possible = true;
  switch (operation.kind) {
    case Kind::read: possible = state == operation.value; break;
    case Kind::write: possible = applied; break;
    case Kind::write_if_absent: possible = applied == (state == kNone); break;
    case Kind::write_if_is: possible = applied == (state == operation.expected); break;
    case Kind::remove: possible = applied == (state != kNone); break;
  }
  if (!possible) return std::nullopt;
  return applied ? after_unknown(operation, state) : state;
}

class Search {
 public:
  Search(const History& history, Value initial) : history_(history), done_(history.size(), false), state_(initial) {}

  bool find() {
    if (first_ == history_.size()) return true;
    if (!tried_.insert({first_, beyond_first(), state_}).second) return false;
    deepest_ = std::max(deepest_, first_);
    const std::int64_t earliest_end = earliest_end_of_undone();
    for (std::size_t i = first_; i < history_.size() && history_[i].begin_ns <= earliest_end; ++i) {
      if (!done_[i] && take(i)) return true;
    }
    return false;
  }

  std::size_t deepest() const { return deepest_; }

 private:
  /// Tries the orders that go on with operation `i`.
  bool take(std::size_t i) {
    const Operation& operation = history_[i];
    const std::optional<Value> next = after(operation, state_);
    if (next && go_on(i, *next)) return true;
    return operation.outcome == Outcome::unknown && go_on(i, state_);  // it never happened
  }

  bool go_on(std::size_t i, Value next) {
    const Value state_before = state_;
    const std::size_t first_before = first_;
    state_ = next;
    done_[i] = true;
    while (first_ < history_.size() && done_[first_]) ++first_;
    if (find()) return true;
    state_ = state_before;
    first_ = first_before;
    done_[i] = false;
    return false;
  }

  std::int64_t earliest_end_of_undone() const {
    std::int64_t earliest = std::numeric_limits<std::int64_t>::max();
    for (std::size_t i = first_; i < history_.size() && history_[i].begin_ns <= earliest; ++i) {
      if (!done_[i]) earliest = std::min(earliest, history_[i].end_ns);
    }
    return earliest;
  }

  /// Which operations behind the first undone one are done.
  std::vector<std::size_t> beyond_first() const {
    std::vector<std::size_t> done;
    for (std::size_t i = first_ + 1; i < history_.size() && i < first_ + kWindow; ++i) {
      if (done_[i]) done.push_back(i - first_);
    }
    return done;
  }

  // No more operations than this overlap one of them.
  static constexpr std::size_t kWindow = 1000;

  struct Tried {
    std::size_t first;
    std::vector<std::size_t> done;
    Value state;
    auto operator<=>(const Tried&) const = default;
  };

  const History& history_;
  std::vector<bool> done_;
  Value state_;
  std::size_t first_ = 0;  // all before it are done
  std::size_t deepest_ = 0;
  std::set<Tried> tried_;
};

std::string name_of(const Operation& operation) {
  constexpr const char* kKinds[] = {"read", "write", "write if absent", "write if it is", "remove"};
  constexpr const char* kOutcomes[] = {"done", "refused", "unknown"};
  std::string name = kKinds[static_cast<std::size_t>(operation.kind)];
  if (operation.kind == Kind::write_if_is) name += ' ' + std::to_string(operation.expected);
  name += " (" + std::to_string(operation.value) + "): " + kOutcomes[static_cast<std::size_t>(operation.outcome)];
  return name + ", from " + std::to_string(operation.begin_ns) + " to " + std::to_string(operation.end_ns);
}

}  // namespace

std::optional<std::string> why_not_linearizable(History history, Value initial) {
  std::ranges::stable_sort(history, {}, &Operation::begin_ns);
  Search search(history, initial);
  if (search.find()) return std::nullopt;
  std::string why = "no order explains these operations:";
  const std::size_t from = search.deepest() < 5 ? 0 : search.deepest() - 5;
  for (std::size_t i = from; i < std::min(history.size(), search.deepest() + 10); ++i) {
    why += "\n  " + name_of(history[i]);
  }
  return why;
}

}  // namespace sconce::tests
