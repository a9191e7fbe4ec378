#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/tensor/tensor_view.h"

namespace sconce::core {

/// The elements of tensors, one tensor after the other, each in row-major order. A source is released when those of
/// another one follow, so that many sources hold no more than one.
/// Lifetime: the sources are borrowed. Threads: one at a time.
class ConcatenatedTensors {
 public:
  struct Item {
    ByteSource* source;
    TensorView view;
  };

  explicit ConcatenatedTensors(std::vector<Item> items) : items_(std::move(items)) {}

  std::uint64_t size_bytes() const {
    std::uint64_t size = 0;
    for (const Item& item : items_) size += item.view.size_bytes();
    return size;
  }

  /// Whether that holds of each (tensor_view.h).
  bool lies_in_runs() const {
    return std::ranges::all_of(items_,
                               [](const Item& item) { return StridedReader(*item.source, item.view).lies_in_runs(); });
  }

  /// The next whole elements; empty at the end. The span lasts until the next call. Errors: the source's.
  Result<std::span<const std::byte>> next() {
    while (true) {
      if (!gather_) {
        if (next_ == items_.size()) return std::span<const std::byte>();
        begin_next();
      }
      auto elements = gather_->next();
      if (!elements || !elements->empty()) return elements;
      gather_.reset();
    }
  }

 private:
  void begin_next() {
    const Item& item = items_[next_];
    if (next_ > 0 && items_[next_ - 1].source != item.source) items_[next_ - 1].source->release();
    gather_.emplace(*item.source, item.view);
    next_ += 1;
  }

  std::vector<Item> items_;
  std::size_t next_ = 0;
  std::optional<StridedReader> gather_;
};

}  // namespace sconce::core
