#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/event/kind.h"

namespace sconce::core {

class Function;
class Instance;
class Storage;
class Table;
class Tensor;

/// A Lua value: a scalar, or a handle to a node of an `Object`. Copying it copies the handle; two values that hold the
/// same node share it. Lifetime: a handle, and a string's bytes, live as long as the Object that made them.
/// Threads: as a value; what it refers to, as its Object.
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

}  // namespace sconce::core
