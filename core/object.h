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

#include "core/element_type.h"
#include "core/event.h"
#include "core/tensor.h"

namespace sconce::core {

class Function;
class Instance;
class Table;

// As wide as it is so that a Value has no gaps, and is copied as two words.
// NOLINTNEXTLINE(performance-enum-size)
enum class Kind : std::uint32_t { nil, boolean, number, string, table, function, instance, tensor, storage };

/// `nil`, `boolean`, `number`, …
std::string_view name_of(Kind kind);

/// A Lua value: a scalar, or a handle to a node of an `Object`. Copying it copies the handle; two values that hold the
/// same node share it. Lifetime: a handle, and a string's bytes, live as long as the Object that made them.
class Value {
 public:
  Value() = default;
  // Whatever is a value can be given where one is asked for.
  // NOLINTBEGIN(google-explicit-constructor)
  Value(bool boolean) : kind_(Kind::boolean) { payload_.boolean = boolean; }
  Value(double number) : kind_(Kind::number) { payload_.number = number; }
  Value(int number) : Value(static_cast<double>(number)) {}
  Value(const Table& table) : kind_(Kind::table) { payload_.node = &table; }
  Value(const Function& function) : kind_(Kind::function) { payload_.node = &function; }
  Value(const Instance& instance) : kind_(Kind::instance) { payload_.node = &instance; }
  Value(const Tensor& tensor) : kind_(Kind::tensor) { payload_.node = &tensor; }
  Value(const Storage& storage) : kind_(Kind::storage) { payload_.node = &storage; }
  // NOLINTEND(google-explicit-constructor)
  /// A string that points at bytes which outlive it, at most 2^31 - 1 of them. `Object::make_string` copies.
  static Value view_of(std::string_view bytes);
  /// Without this, a pointer would convert to bool.
  template <class T>
  Value(T*) = delete;

  Kind kind() const { return kind_; }
  bool is_nil() const { return kind_ == Kind::nil; }

  // The value, if it is of that kind.
  std::optional<bool> boolean() const {
    return kind_ == Kind::boolean ? std::optional(payload_.boolean) : std::nullopt;
  }
  std::optional<double> number() const { return kind_ == Kind::number ? std::optional(payload_.number) : std::nullopt; }
  std::optional<std::string_view> string() const {
    return kind_ == Kind::string ? std::optional(std::string_view(payload_.bytes, string_bytes_)) : std::nullopt;
  }
  const Table* table() const { return node_as<Table>(Kind::table); }
  const Function* function() const { return node_as<Function>(Kind::function); }
  const Instance* instance() const { return node_as<Instance>(Kind::instance); }
  const Tensor* tensor() const { return node_as<Tensor>(Kind::tensor); }
  const Storage* storage() const { return node_as<Storage>(Kind::storage); }

  /// The node of a table, function, instance, tensor or storage: what identity means. Otherwise null.
  const void* node() const { return kind_ >= Kind::table ? payload_.node : nullptr; }

 private:
  template <class Node>
  const Node* node_as(Kind kind) const {
    return kind_ == kind ? static_cast<const Node*>(payload_.node) : nullptr;
  }

  union {
    bool boolean;
    double number;
    const char* bytes;
    const void* node = nullptr;
  } payload_;
  std::uint32_t string_bytes_ = 0;
  Kind kind_ = Kind::nil;
};

/// Whether two values are the same as keys of a Lua table: equal scalars (-0 is 0), equal bytes, or the same node.
bool same_key(const Value& a, const Value& b);

/// A Lua table: pairs in the order in which they were read or first set. No nil and no NaN is a key, no nil is a value,
/// and no key stands twice; 1, 2, 3, … are ordinary number keys.
///
/// Threads: reading is safe from many at once, as long as nobody sets.
class Table {
 public:
  using Entry = std::pair<Value, Value>;

  explicit Table(std::pmr::memory_resource* memory) : entries_(memory), order_(memory) {}

  std::span<const Entry> entries() const { return entries_; }
  std::size_t size() const { return entries_.size(); }

  /// Nil if there is none. O(1) for 1, 2, 3, … stored in order, else O(log n).
  Value get(const Value& key) const;
  Value operator[](std::string_view key) const { return get(Value::view_of(key)); }
  Value operator[](int key) const { return get(Value(key)); }

  /// As `t[key] = value`: replaces, and removes if the value is nil. `key` is neither nil nor NaN.
  void set(const Value& key, const Value& value);

  /// Appends without looking for the key; `settle` must follow before anything else is called. For building many at
  /// once.
  void append(Value key, Value value) { entries_.emplace_back(key, value); }
  void reserve(std::size_t count) { entries_.reserve(count); }

  /// Makes the table true again after `append`: of equal keys the last one wins, and pairs whose value is nil go.
  void settle();

 private:
  std::optional<std::size_t> sequence_position(const Value& key) const;
  std::optional<std::size_t> find(const Value& key) const;
  void merge_duplicates();
  void count_sequence();
  void sort_order();

  std::pmr::vector<Entry> entries_;
  std::size_t sequence_count_ = 0;  // entries_[i] has the key i + 1 for all i below this
  // The positions of the entries behind the sequence, sorted by key; empty while they are few enough to search one by
  // one.
  std::pmr::vector<std::uint32_t> order_;
};

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
  Value operator[](std::string_view field) const;

 private:
  const ClassHeader* header_;
  std::pmr::vector<PayloadItem> payload_;
};

/// A Torch object: a value and everything that it reaches, cycles included. Owns all of it; the memory of what is
/// replaced comes back when the Object goes.
///
/// Threads: reading is safe from many at once, as long as nobody changes it.
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
