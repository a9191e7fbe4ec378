#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/element_type.h"
#include "core/error.h"

namespace sconce::core {

/// How many times a layout's operation repeats: a constant, or what the operation `from` (an earlier `int` or `long`
/// of the same layout, counted from 0) read.
struct RepeatCount {
  std::int64_t constant = 1;
  std::optional<std::size_t> from = std::nullopt;
  friend bool operator==(const RepeatCount&, const RepeatCount&) = default;
};

/// One write of a class's `write` method.
struct LayoutOp {
  enum class Kind : std::uint8_t {
    scalars,  ///< One array of `type`, as one `file:writeInt(…)`, `file:writeChar(…)`, … wrote it.
    objects,  ///< `count` objects, one `file:writeObject(…)` each.
    pairs,    ///< `count` times two objects, a key and its value.
  };
  Kind kind = Kind::objects;
  ElementType type = ElementType::u8;  // scalars only
  RepeatCount count;
  friend bool operator==(const LayoutOp&, const LayoutOp&) = default;
};

/// The payload of a class that writes itself: its writes in order.
///
///   layout := op*                                            separated by spaces
///   op     := what [ ":" name ] [ "[" count "]" ]
///   what   := "byte" | "char" | "short" | "int" | "long" | "half" | "float" | "double" | "object" | "pair"
///   count  := integer | name of an earlier single "int" or "long"
///
/// `int double int:n char[n] long[3] object` is an int, a double, a count, that many chars, three longs and an object.
/// An empty layout is a class that writes nothing. A count that reads negative is an error in the input.
struct ClassLayout {
  std::vector<LayoutOp> ops;
  friend bool operator==(const ClassLayout&, const ClassLayout&) = default;
};

/// Errors: invalid_argument, with the offset in `text`.
Result<ClassLayout> parse_layout(std::string_view text);

/// The classes with a payload of their own, by name. A class that is neither here nor a tensor nor a storage is read as
/// "its payload is one object", which is what torch.class writes for every class without a `write` method.
class ClassLayouts {
 public:
  /// Knows tds.Hash (and its old name tds_hash), tds.Vec and tds.AtomicCounter.
  ClassLayouts();

  /// Replaces what was declared under this name. Tensors and storages cannot be declared.
  /// Errors: invalid_argument.
  Status declare(std::string_view class_name, std::string_view layout);

  /// Declares from text of one class a line, `Name: layout`; blank lines and lines that begin with `#` are skipped.
  /// Errors: invalid_argument, naming the line.
  Status declare_all(std::string_view text);

  /// Null if the class is not declared. Valid until the next `declare`.
  const ClassLayout* find(std::string_view class_name) const;

 private:
  std::map<std::string, ClassLayout, std::less<>> by_name_;
};

/// The classes that every reader knows. Lives as long as the program.
const ClassLayouts& default_class_layouts();

}  // namespace sconce::core
