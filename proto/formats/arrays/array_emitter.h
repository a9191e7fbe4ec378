#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/event/event.h"
#include "proto/formats/dtype.h"

namespace sconce::proto {

/// An array as the tensor formats outside Torch describe one. Without dimensions it has one element.
struct ArrayDescriptor {
  Dtype dtype = Dtype::u8;
  std::vector<std::int64_t> shape;
  bool is_fortran = false;     // the first index is the fastest
  bool is_big_endian = false;  // the bytes of each element
};

/// Bytes of all elements. Errors: malformed (a negative size, a product beyond int64, sizes of 0 not counted in,
/// elements that do not fill whole bytes), limit_exceeded (dimensions).
core::Result<std::uint64_t> size_bytes_of(const ArrayDescriptor& form);

/// Emits a string; a long one is announced and follows in parts.
core::Status emit_string(core::EventSink& sink, std::string_view text);

/// Emits the events of one array after the other: Torch's tensor if Torch has one, otherwise an instance of
/// sconce.Tensor (dtype.h). Elements are passed on as they come.
/// Lifetime: `sink` is borrowed. Threads: one at a time. Errors: the sink's.
class ArrayEvents {
 public:
  /// Objects are numbered from `next_index` on, in the order in which they begin.
  ArrayEvents(core::EventSink& sink, std::int32_t next_index) : sink_(sink), next_index_(next_index) {}

  /// All in front of the elements, and, if there are none, what is behind them. `size_bytes_of` has taken the form.
  core::Status begin(const ArrayDescriptor& form);

  /// Takes of `bytes` what belongs to the array, cut anywhere, and returns how many that are.
  core::Result<std::size_t> put(std::span<const std::byte> bytes);

  std::uint64_t left_bytes() const { return left_bytes_; }
  bool done() const { return left_bytes_ == 0; }

  /// The next free index. A table of arrays takes its own here.
  std::int32_t take_index() { return next_index_++; }

 private:
  core::Status begin_extension(const ArrayDescriptor& form);
  core::Status begin_tensor(core::ElementType type, std::span<const std::int64_t> sizes, bool is_fortran);
  core::Status begin_fortran_units(const ArrayDescriptor& form);
  core::Status pass_on(std::span<const std::byte> elements);
  core::Status pass_on_swapped(std::span<const std::byte> elements);
  core::Status end();

  core::EventSink& sink_;
  std::int32_t next_index_;
  core::ElementType type_ = core::ElementType::u8;
  std::size_t width_ = 1;
  bool is_swapped_ = false;
  bool is_extension_ = false;
  std::uint64_t left_bytes_ = 0;
  std::array<std::byte, 8> cut_{};  // the begin of an element
  std::size_t cut_bytes_ = 0;
};

}  // namespace sconce::proto
