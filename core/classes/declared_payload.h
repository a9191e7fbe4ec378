#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/classes/class_layout.h"
#include "core/classes/layout_progress.h"
#include "core/little_endian.h"

namespace sconce::core {

/// Where one instance of a declared class is in its layout: which operation, which object or element of it, and what
/// that is. The parser of objects and those that follow its events share it, so that they agree.
///
/// Lifetime: the layout is borrowed. Threads: one at a time. Errors: none; the parser checks what it is given. Cost:
/// can be used again, so that its memory is allocated once.
class DeclaredPayload {
 public:
  enum class Place : std::uint8_t { key, value, listed, single };

  DeclaredPayload() = default;
  explicit DeclaredPayload(const ClassLayout& layout) { begin(layout); }
  void begin(const ClassLayout& layout) {
    progress_.begin(layout);
    left_ = 0;
    in_pairs_ = in_list_ = false;
  }

  // By operations, for the parser.

  /// What is written next, or now if it has begun; null if all has been.
  const LayoutOp* next() const { return progress_.next(); }
  /// How often; LayoutProgress::kNoCount if what was read is no count at all.
  std::int64_t count() const { return progress_.count(); }
  /// Begins it: goes into a group, or over what is written 0 times. Precondition: `count()` is not negative.
  void start_op() {
    const LayoutOp& op = *progress_.next();
    if (op.kind == LayoutOp::Kind::group) return progress_.enter_group();
    count_ = progress_.count();
    in_pairs_ = op.kind == LayoutOp::Kind::pairs;
    in_list_ = op.kind == LayoutOp::Kind::objects && op.count.from.has_value();
    left_ = static_cast<std::uint64_t>(count_) * (in_pairs_ ? 2 : 1);
    if (left_ == 0) end_op();
  }
  /// The next object is a key.
  bool at_key() const { return in_pairs_ && left_ % 2 == 0; }
  /// The next object is one of several, numbered from 1: `position()`.
  bool in_list() const { return in_list_; }
  std::int64_t position() const { return count_ - static_cast<std::int64_t>(left_) + 1; }
  /// The next object was a number that counts others.
  void set_count(double number) { progress_.set_count(number); }
  /// The next object has been read. Whether it was the operation's last.
  bool object_done() { return done(1); }
  /// These elements have been read, in the canonical encoding.
  void elements(ElementType type, std::span<const std::byte> bytes) {
    if (progress_.next()->is_count) set_count(type, bytes);
    done(bytes.size() / size_bytes_of(type));
  }

  // By objects, for those that see the events of a reader, which has checked them.

  /// What the object is that begins now.
  Place next_object() {
    while (left_ == 0) start_op();
    if (in_pairs_) return at_key() ? Place::key : Place::value;
    return in_list_ ? Place::listed : Place::single;
  }
  /// The object that begins now is a number.
  void number(double value) {
    next_object();
    if (progress_.next()->is_count) set_count(value);
  }
  /// An array of scalars begins.
  void scalars() {
    while (progress_.next()->kind != LayoutOp::Kind::scalars) start_op();
    start_op();
  }

 private:
  void set_count(ElementType type, std::span<const std::byte> bytes) {
    if (type == ElementType::f64) return progress_.set_count(load_little_endian<double>(bytes.data()));
    progress_.set_count(type == ElementType::i64
                            ? load_little_endian<std::int64_t>(bytes.data())
                            : static_cast<std::int64_t>(load_little_endian<std::int32_t>(bytes.data())));
  }

  bool done(std::uint64_t units) {
    left_ -= units;
    if (left_ == 0) end_op();
    return left_ == 0;
  }
  void end_op() {
    in_pairs_ = in_list_ = false;
    progress_.op_done();
  }

  LayoutProgress progress_;
  std::int64_t count_ = 0;
  std::uint64_t left_ = 0;  // of the operation: objects, keys and values each, or elements
  bool in_pairs_ = false;
  bool in_list_ = false;
};

}  // namespace sconce::core
