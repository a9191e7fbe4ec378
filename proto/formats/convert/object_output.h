#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes/byte_sink.h"
#include "core/outline/object_parts.h"
#include "core/tensor/concatenated_tensors.h"
#include "core/tensor/slice.h"
#include "core/text/path.h"
#include "proto/formats/arrays/named_tensor.h"
#include "proto/formats/object_format.h"

namespace sconce::proto {

/// Which part of an object is to be written, and how.
struct OutputPlan {
  ObjectFormat format = ObjectFormat::binary;
  bool referenced = true;  ///< False: what is shared is written in full, in Torch's formats. Others say what they can.
  core::Path path = {};
  std::optional<core::Slice> slice = std::nullopt;  ///< Of a tensor.
};

struct OutputLimits {
  /// Of a part that has to be in memory whole: for plain JSON, and to write shared parts in full.
  std::uint64_t held_bytes_max = std::uint64_t{64} << 20;
  /// What writing shared parts in full may make of it; in the formats of tensors, 16 times the object may be more.
  std::uint64_t expanded_bytes_max = std::uint64_t{256} << 20;
};

/// Writes one part of an object in one format, a piece at a time. Threads: one at a time.
class ObjectOutput {
 public:
  virtual ~ObjectOutput() = default;

  /// Nothing if it is not known before all has been written.
  virtual std::optional<std::uint64_t> size_bytes() const { return std::nullopt; }
  /// About as much, to make room for; 0 where nothing is known.
  virtual std::uint64_t size_hint_bytes() const { return size_bytes().value_or(0); }

  /// Writes some of it; a piece of 16 MiB at the most. Errors: those of `out`; unrepresentable, with the path of the
  /// first part that the format cannot say; limit_exceeded; corrupt, io_error.
  virtual core::Status advance() = 0;
  virtual bool done() const = 0;

  /// Whether `advance` writes one span each time, which lasts until the next call: it lies in the source, or is short.
  virtual bool is_zero_copy() const { return false; }
};

/// A whole object, in the formats that are written by events: Torch's and json. Indices stay as they are.
/// Lifetime: all are borrowed.
std::unique_ptr<ObjectOutput> begin_whole_output(core::ByteSource& source, const core::ClassLayouts& classes,
                                                 ObjectFormat format, core::ByteSink& out);

/// Lifetime: `object` and `out` are borrowed. Errors: not_found (no such part), invalid_argument (a slice that does not
/// fit), unrepresentable as far as it is known at once, and as in `advance`.
core::Result<std::unique_ptr<ObjectOutput>> begin_output(core::ObjectParts& object, const OutputPlan& plan,
                                                         core::ByteSink& out, const OutputLimits& limits);

/// The tensor that a plan selects, or the elements of it. Of any dtype.
struct SelectedTensor {
  NamedTensor tensor;
  core::Device device = core::Device::cpu;
};

/// Errors: as begin_output; unrepresentable, if it is no tensor.
core::Result<SelectedTensor> select_tensor(core::ObjectParts& object, const OutputPlan& plan,
                                           const OutputLimits& limits);

/// Tensors of one type and shape, as one tensor with one more dimension in front.
struct TensorStack {
  Dtype dtype = Dtype::u8;
  core::Device device = core::Device::cpu;
  std::vector<std::int64_t> sizes;  // of the stack
  std::vector<core::ConcatenatedTensors::Item> items;
};

/// Lifetime: `out`, `budget` and the items' sources are borrowed. Errors: unrepresentable, limit_exceeded.
core::Result<std::unique_ptr<ObjectOutput>> begin_stack_output(const TensorStack& stack, ObjectFormat format,
                                                               core::ByteSink& out, const OutputLimits& limits,
                                                               core::Budget& budget);

}  // namespace sconce::proto
