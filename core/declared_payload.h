#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "core/class_layout.h"

namespace sconce::core {

/// Follows the events of one instance of a declared class through its layout, to tell what each object in it is.
/// Lifetime: the layout is borrowed.
class DeclaredPayload {
 public:
  enum class Place : std::uint8_t { key, value, listed, single };

  explicit DeclaredPayload(const ClassLayout& layout) : layout_(&layout) {}

  /// What the object is that begins now. `listed` ones are numbered from 1.
  Place next_object() {
    while (objects_left_ == 0) begin_operation();
    if (in_pairs_) return objects_left_ % 2 == 0 ? Place::key : Place::value;
    return in_list_ ? Place::listed : Place::single;
  }
  /// Of the object that begins now, if it is `listed`.
  std::int64_t position() const { return count_ - static_cast<std::int64_t>(objects_left_) + 1; }
  void object_done() { --objects_left_; }

  /// An array of scalars begins, and these are its elements (or the first of them).
  void scalars(std::int64_t count) {
    while (operation_ < layout_->ops.size() && layout_->ops[operation_].kind != LayoutOp::Kind::scalars)
      begin_operation();
    operation_ += 1;
    counts_.push_back(0);
    is_single_ = count == 1;
  }
  void elements(ElementType type, std::span<const std::byte> bytes) {
    if (!is_single_) return;
    if (type == ElementType::i64) std::memcpy(&counts_.back(), bytes.data(), sizeof(std::int64_t));
    if (type == ElementType::i32) {
      std::int32_t narrow = 0;
      std::memcpy(&narrow, bytes.data(), sizeof narrow);
      counts_.back() = narrow;
    }
  }

 private:
  /// Skips operations that have no objects.
  void begin_operation() {
    const LayoutOp& op = layout_->ops[operation_++];
    counts_.push_back(0);
    count_ = op.count.from ? counts_[*op.count.from] : op.count.constant;
    in_pairs_ = op.kind == LayoutOp::Kind::pairs;
    in_list_ = !in_pairs_ && op.count.from.has_value();
    objects_left_ = op.kind == LayoutOp::Kind::scalars ? 0 : static_cast<std::uint64_t>(count_) * (in_pairs_ ? 2 : 1);
  }

  const ClassLayout* layout_;
  std::size_t operation_ = 0;         // the next one
  std::vector<std::int64_t> counts_;  // what each operation read, if it can be a count
  std::int64_t count_ = 0;
  std::uint64_t objects_left_ = 0;
  bool in_pairs_ = false;
  bool in_list_ = false;
  bool is_single_ = false;
};

}  // namespace sconce::core
