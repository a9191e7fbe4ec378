#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/event/element_type.h"

namespace sconce::core {

/// How many times a layout's operation repeats: a constant, or what the operation `from` (an earlier one of the same
/// layout that has a name, counted from 0) read.
struct RepeatCount {
  std::int64_t constant = 1;
  std::optional<std::size_t> from = std::nullopt;
  friend bool operator==(const RepeatCount&, const RepeatCount&) = default;
};

/// One write of a class's `write` method, or the begin of a group of writes that repeats.
struct LayoutOp {
  enum class Kind : std::uint8_t {
    scalars,  ///< One array of `type`, as one `file:writeInt(…)`, `file:writeChar(…)`, … wrote it.
    objects,  ///< `count` objects, one `file:writeObject(…)` each.
    pairs,    ///< `count` times two objects, a key and its value.
    group,    ///< `count` times the `group_ops` operations that follow.
  };
  Kind kind = Kind::objects;
  ElementType type = ElementType::u8;  // scalars only
  RepeatCount count;
  bool is_count = false;      // it has a name: it is one scalar, or one object that must be a number
  std::size_t group_ops = 0;  // group only; those of groups within it included
  friend bool operator==(const LayoutOp&, const LayoutOp&) = default;
};

/// The payload of a class that writes itself: its writes in order.
///
///   layout := item*                                          separated by spaces
///   item   := what [ ":" name ] [ "[" count "]" ] | "(" item+ ")" "[" count "]"
///   what   := "byte" | "char" | "short" | "int" | "long" | "half" | "float" | "double" | "object" | "pair"
///   count  := integer | name of an earlier item
///
/// `int double int:n char[n] long[3] object` is an int, a double, a count, that many chars, three longs and an object.
/// A single int, long or double can have a name, and a single object, which then must be a number. `(float float)[n]`
/// is n times two writes of one float each. A name within a group ends with it, and each round of a group writes
/// something, whatever its counts. An empty layout is a class that writes nothing. A count that is negative or no whole
/// number is an error in the input.
struct ClassLayout {
  std::vector<LayoutOp> ops;
  friend bool operator==(const ClassLayout&, const ClassLayout&) = default;
};

/// Errors: invalid_argument, with the offset in `text`.
Result<ClassLayout> parse_layout(std::string_view text);

/// Layouts by name and version. Threads: safe from many, as long as nobody adds.
class LayoutTable {
 public:
  /// `spec` is a name, `Name V 2` (this version only) or `Name V 2+` (this one and later ones); a name may end with
  /// `*`, and is then a prefix. Replaces the layout of the same spec. Errors: invalid_argument.
  Status add(std::string_view spec, std::string_view layout);

  /// Adds text of one class a line, `spec: layout`; blank lines and lines that begin with `#` are skipped.
  /// Errors: invalid_argument, naming the line.
  Status add_all(std::string_view text);

  /// The layout of the class whose name this is, or null. `version` is as on the wire (`V 1`); without, it is 0. The
  /// layout of one version wins over one of it and later ones, and that over one of all versions.
  const ClassLayout* find_name(std::string_view name, std::optional<std::string_view> version) const;
  /// The layout of the longest prefix, or null.
  const ClassLayout* find_prefix(std::string_view name, std::optional<std::string_view> version) const;

 private:
  /// For the versions from `first` to `last`.
  struct Versioned {
    double first;
    double last;
    ClassLayout layout;
  };
  using Versions = std::vector<Versioned>;  // the narrowest first

  static const ClassLayout* find_version(const Versions& versions, std::optional<std::string_view> version);

  std::map<std::string, Versions, std::less<>> names_;
  std::map<std::string, Versions, std::less<>> prefixes_;
};

/// The classes with a payload of their own: those that are built in (known_classes.h), and those that are declared. A
/// class that is neither here nor a tensor nor a storage is read as "its payload is one object", which is what
/// torch.class writes for every class without a `write` method.
class ClassLayouts {
 public:
  /// As LayoutTable::add. A declaration wins over what is built in, but a name wins over a prefix. Of tensors and
  /// storages only the layout that they have can be declared, and changes nothing. Errors: invalid_argument.
  Status declare(std::string_view spec, std::string_view layout);

  /// As LayoutTable::add_all.
  Status declare_all(std::string_view text);

  /// Null if the class is neither declared nor built in. Valid until the next `declare`.
  const ClassLayout* find(std::string_view class_name, std::optional<std::string_view> version) const;

 private:
  LayoutTable declared_;
};

/// The classes that every reader knows. Lives as long as the program.
const ClassLayouts& default_class_layouts();

}  // namespace sconce::core
