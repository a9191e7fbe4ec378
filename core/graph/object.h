#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/event/element_type.h"
#include "core/event/event.h"
#include "core/graph/table.h"
#include "core/graph/tensor.h"
#include "core/graph/value.h"

namespace sconce::core {

/// A Lua function: code that is kept and never run, and what it closed over.
class Function {
 public:
  Function(std::int32_t tag, std::string_view code, Value upvalues) : tag_(tag), code_(code), upvalues_(upvalues) {}

  /// 8; in old files 6 or 7, whose upvalues are the values themselves rather than records.
  std::int32_t tag() const { return tag_; }
  /// What string.dump gave, for one version of one Lua.
  std::string_view code() const { return code_; }
  /// A table 1..n of tables {name, id, value}; `value` is absent for nil, and equal `id`s are one shared variable.
  Value upvalues() const { return upvalues_; }

  void set_code(std::string_view code) { code_ = code; }
  void set_upvalues(Value upvalues) { upvalues_ = upvalues; }

 private:
  std::int32_t tag_;
  std::string_view code_;
  Value upvalues_;
};

/// One write of an instance with a declared payload: an object, or an array of scalars (as a Storage's bytes).
struct ScalarArray {
  ElementType type = ElementType::u8;
  std::int64_t count = 0;
  std::span<const std::byte> bytes;  // canonical encoding; lives in the Object
};
using PayloadItem = std::variant<Value, ScalarArray>;

/// An instance of a class other than tensor and storage.
class Instance {
 public:
  Instance(const ClassHeader* header, std::pmr::memory_resource* memory) : header_(header), payload_(memory) {}

  const ClassHeader& header() const { return *header_; }
  std::string_view class_name() const { return header_->name; }

  /// What the class wrote, in order: one object for most classes, anything for declared ones.
  std::span<const PayloadItem> payload() const { return payload_; }
  void append(PayloadItem item) { payload_.push_back(item); }

  /// The table of fields, if that is what the payload is, as in every class without a `write` of its own. Otherwise
  /// null.
  const Table* fields() const;
  /// Of the first table that the class wrote which has it: nn.GPU writes a list, and then its fields. Nil if there is
  /// none.
  Value operator[](std::string_view field) const;

 private:
  const ClassHeader* header_;
  std::pmr::vector<PayloadItem> payload_;
};

/// A Torch object: a value and everything that it reaches, cycles included. Owns all of it; the memory of what is
/// replaced comes back when the Object goes.
///
/// Lifetime: what it makes lives as long as it, wherever it is moved. Threads: reading is safe from many at once, as
/// long as nobody changes it. Errors: std::bad_alloc, and what `make_tensor` says.
class Object {
 public:
  Object();
  Object(Object&&) noexcept;
  Object& operator=(Object&&) noexcept;
  ~Object();

  const Value& root() const { return root_; }
  void set_root(Value root) { root_ = root; }
  operator const Value&() const { return root_; }  // NOLINT(google-explicit-constructor): an Object is its root

  Value make_string(std::string_view bytes);
  Table& make_table();
  Function& make_function(std::int32_t tag, std::string_view code, Value upvalues);
  /// `version` as on the wire (`V 1`).
  Instance& make_instance(std::string_view class_name, std::optional<std::string_view> version = "V 1");
  /// Copies the elements: little-endian, a whole number of them.
  Storage& make_storage(TensorClass tensor_class, std::span<const std::byte> elements,
                        std::optional<std::string_view> version = "V 1");
  /// Errors: malformed if an element would lie outside the storage, or the storage is of another class.
  Result<Tensor*> make_tensor(TensorClass tensor_class, std::span<const std::int64_t> sizes,
                              std::span<const std::int64_t> strides, std::int64_t offset, const Storage* storage,
                              std::optional<std::string_view> version = "V 1");

  // For builders: parts whose bytes are already where they will stay.

  /// A copy of the header that lives in the object; equal ones are the same.
  const ClassHeader* intern(const ClassHeader& header);
  Storage& make_storage_view(TensorClass tensor_class, const ClassHeader* header, std::span<const std::byte> elements);
  /// The geometry has been checked against the storage.
  Tensor& make_tensor_view(TensorClass tensor_class, const ClassHeader* header, std::span<const std::int64_t> sizes,
                           std::span<const std::int64_t> strides, std::int64_t offset, const Storage* storage);
  Function& make_function_view(std::int32_t tag);
  std::string_view copy(std::string_view bytes);
  std::span<const std::byte> copy(std::span<const std::byte> bytes);
  std::span<const std::int64_t> copy(std::span<const std::int64_t> numbers);
  /// Keeps `owner` alive as long as the object: a buffer that was filled elsewhere, a mapped file.
  void keep(std::shared_ptr<const void> owner);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
  Value root_;
};

/// Whether two values are the same graph: equal scalars (bit by bit, but any NaN equals any NaN), equal classes,
/// versions, geometry and elements, tables with the same pairs in any order, and the same sharing. Keys that are
/// objects themselves are matched in their order. Costs O(n log n) and no recursion.
bool equal(const Value& a, const Value& b);

}  // namespace sconce::core
