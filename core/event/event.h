#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "core/error.h"
#include "core/event/element_type.h"

namespace sconce::core {

/// What every class instance on the wire begins with. `version` is the whole first string (`V 1`); it is absent in
/// files older than class versions, whose header is the name alone.
struct ClassHeader {
  std::optional<std::string_view> version;
  std::string_view name;
  friend bool operator==(const ClassHeader&, const ClassHeader&) = default;
};

/// The waist of Sconce: a serialized object is a stream of these, and every format is a reader that produces them or a
/// sink that consumes them. An event keeps what is needed to write the same bytes again.
///
///   object    := Nil | Number | Boolean | string | table | Reference | function | instance
///   string    := String [Bytes*]                            Bytes only if the String is not inline
///   table     := Table (object object){count} End           key, value; a negative count has no pairs
///   function  := Function Bytes* object End                 the object is the table of upvalues
///   instance  := Instance payload End
///   payload   := Tensor object                              Nil, a Reference to a storage, or a storage
///              | Storage Elements*
///              | (Scalars Elements* | object)*              a declared class, in the order of its layout
///              | object                                     every other class
///
/// Lifetime: spans and views in an event last only for the call that delivers it.
namespace event {

struct Nil {};

/// NaN payloads and the sign of zero are kept.
struct Number {
  double value;
};

/// `wire` is what was written; Torch reads 1 as true and everything else as false.
struct Boolean {
  std::int32_t wire;
  bool value() const { return wire == 1; }
};

/// Inline if `bytes` is all of it; otherwise `bytes` is empty and `Bytes` events follow until `size_bytes` have come.
struct String {
  std::uint64_t size_bytes;
  std::string_view bytes;
  bool is_inline() const { return bytes.size() == size_bytes; }
};

/// The next bytes of a string or a function's code; never empty. Chunk boundaries carry no meaning.
struct Bytes {
  std::string_view bytes;
};

/// `count` is what was written, negative ones included.
struct Table {
  std::int32_t index;
  std::int32_t count;
};

/// Another occurrence of the object `index`. `tag` is what was written: it need not match the object's own.
struct Reference {
  std::int32_t tag;
  std::int32_t index;
};

/// `tag` is 8, or 6 or 7 in old files; 6 has no index. The code is opaque and never executed.
struct Function {
  std::int32_t tag;
  std::optional<std::int32_t> index;
  std::uint64_t size_bytes;
};

/// The beginning of any class instance, tensors and storages included.
struct Instance {
  std::int32_t index;
  ClassHeader header;
};

/// sizes[d] and strides[d] count elements; element (i0, …) is storage[offset - 1 + Σ i_d·strides[d]]. `offset` counts
/// from 1, as on the wire; in a tensor without elements it may be anything. Readers have checked every element to lie
/// in the storage.
struct Tensor {
  TensorClass tensor_class;
  std::span<const std::int64_t> sizes;
  std::span<const std::int64_t> strides;
  std::int64_t offset;
};

/// `count` elements follow, in `Elements` events.
struct Storage {
  TensorClass tensor_class;
  std::int64_t count;
};

/// One array of a declared class: `count` scalars follow, in `Elements` events.
struct Scalars {
  ElementType type;
  std::int64_t count;
};

/// The next whole elements of a storage or scalar array, in the canonical encoding (little-endian, 64-bit longs), not
/// necessarily aligned; never empty. Chunk boundaries carry no meaning.
struct Elements {
  ElementType type;
  std::span<const std::byte> bytes;
};

/// The end of a table, function or instance.
struct End {};

}  // namespace event

using Event = std::variant<event::Nil, event::Number, event::Boolean, event::String, event::Bytes, event::Table,
                           event::Reference, event::Function, event::Instance, event::Tensor, event::Storage,
                           event::Scalars, event::Elements, event::End>;

/// Consumes a stream of events. Threads: one at a time. Errors: each sink names its own.
class EventSink {
 public:
  virtual ~EventSink() = default;

  /// Takes the next event. After an error the stream is over: the producer stops, and adds offset and path to the error
  /// where it knows them.
  virtual Status on(const Event& event) = 0;
};

/// Tags of the wire. Source: docs/formats.md, "Objects".
namespace tag {
inline constexpr std::int32_t kNil = 0;
inline constexpr std::int32_t kNumber = 1;
inline constexpr std::int32_t kString = 2;
inline constexpr std::int32_t kTable = 3;
inline constexpr std::int32_t kInstance = 4;
inline constexpr std::int32_t kBoolean = 5;
inline constexpr std::int32_t kFunctionWithoutIndex = 6;
inline constexpr std::int32_t kFunctionWithValues = 7;
inline constexpr std::int32_t kFunction = 8;
}  // namespace tag

}  // namespace sconce::core
