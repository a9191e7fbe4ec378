#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "core/error.h"

namespace sconce::core {

/// Presents input that comes in pieces to a consumer that may leave the end of a piece for later, as
/// EventReader::put does: what is left is presented again, in front of what follows. Copies nothing but that.
///
/// Lifetime: a piece, and the span that `consume` is given, last for the call. Threads: one at a time. Errors: the
/// consumer's; then it is over.
class UnconsumedInput {
 public:
  /// `held_bytes_max`: the most that the consumer leaves.
  explicit UnconsumedInput(std::size_t held_bytes_max) : held_bytes_max_(held_bytes_max) {}

  /// `consume(span)` takes bytes from the front of the span, and returns how many, or an error, which this returns.
  template <class Consume>
  Status put(std::span<const std::byte> piece, Consume consume) {
    while (!held_.empty() && !piece.empty()) {
      const std::size_t old = held_.size();
      const auto more = piece.first(std::min(piece.size(), held_bytes_max_));
      held_.insert(held_.end(), more.begin(), more.end());
      const Result<std::size_t> used = consume(std::span<const std::byte>(held_));
      if (!used) return std::unexpected(used.error());
      if (*used < old) {
        held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(*used));
        piece = piece.subspan(more.size());
      } else {
        held_.clear();
        piece = piece.subspan(*used - old);
      }
    }
    if (piece.empty()) return {};
    const Result<std::size_t> used = consume(piece);
    if (!used) return std::unexpected(used.error());
    const auto left = piece.subspan(*used);
    held_.assign(left.begin(), left.end());
    return {};
  }

  /// What is still to be presented.
  std::span<const std::byte> held() const { return held_; }

 private:
  const std::size_t held_bytes_max_;
  std::vector<std::byte> held_;
};

}  // namespace sconce::core
