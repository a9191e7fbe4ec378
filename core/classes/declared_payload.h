#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "core/classes/class_layout.h"
#include "core/classes/layout_progress.h"

namespace sconce::core {

/// Follows the events of one instance of a declared class through its layout, to tell what each object in it is. The
/// events are those of a reader, which has checked them. Lifetime: the layout is borrowed.
class DeclaredPayload {
 public:
  enum class Place : std::uint8_t { key, value, listed, single };

  explicit DeclaredPayload(const ClassLayout& layout) { progress_.begin(layout); }

  /// What the object is that begins now. `listed` ones are numbered from 1.
  Place next_object() {
    while (objects_left_ == 0) begin_op();
    if (in_pairs_) return objects_left_ % 2 == 0 ? Place::key : Place::value;
    return in_list_ ? Place::listed : Place::single;
  }
  /// Of the object that begins now, if it is `listed`.
  std::int64_t position() const { return count_ - static_cast<std::int64_t>(objects_left_) + 1; }
  void object_done() {
    if (--objects_left_ == 0) progress_.op_done();
  }

  /// The object that begins now is a number.
  void number(double value) {
    next_object();
    if (progress_.next()->is_count) progress_.set_count(value);
  }

  /// An array of scalars begins, and these are its elements (or the first of them).
  void scalars(std::int64_t count) {
    while (progress_.next()->kind != LayoutOp::Kind::scalars) begin_op();
    if (count == 0) progress_.op_done();
    elements_left_ = count;
  }
  void elements(ElementType type, std::span<const std::byte> bytes) {
    if (progress_.next()->is_count) set_count(type, bytes, progress_);
    elements_left_ -= static_cast<std::int64_t>(bytes.size() / size_bytes_of(type));
    if (elements_left_ == 0) progress_.op_done();
  }

  /// Tells `progress` the count that was read, in the canonical encoding.
  static void set_count(ElementType type, std::span<const std::byte> bytes, LayoutProgress& progress) {
    if (type == ElementType::f64) return progress.set_count(load<double>(bytes));
    progress.set_count(type == ElementType::i64 ? load<std::int64_t>(bytes)
                                                : static_cast<std::int64_t>(load<std::int32_t>(bytes)));
  }

 private:
  template <class T>
  static T load(std::span<const std::byte> bytes) {
    T value{};
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }

  /// Goes into a group, or begins objects, and passes over those that are none.
  void begin_op() {
    const LayoutOp& op = *progress_.next();
    if (op.kind == LayoutOp::Kind::group) return progress_.enter_group();
    count_ = progress_.count();
    in_pairs_ = op.kind == LayoutOp::Kind::pairs;
    in_list_ = !in_pairs_ && op.count.from.has_value();
    objects_left_ = static_cast<std::uint64_t>(count_) * (in_pairs_ ? 2 : 1);
    if (objects_left_ == 0) progress_.op_done();
  }

  LayoutProgress progress_;
  std::int64_t count_ = 0;
  std::uint64_t objects_left_ = 0;
  std::int64_t elements_left_ = 0;
  bool in_pairs_ = false;
  bool in_list_ = false;
};

}  // namespace sconce::core
