#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/error.h"

namespace sconce::proto {

struct JsonMember;

template <class Held, class... Types>
concept HeldAsOneOf = (std::same_as<Held, Types> || ...);

/// A value of a JSON document that is read whole. A number is kept as its text, so that none is rounded.
/// Threads: as a value.
class JsonValue {
 public:
  struct Null {};
  struct Number {
    std::string text;
  };
  using Items = std::vector<JsonValue>;
  using Members = std::vector<JsonMember>;

  JsonValue() = default;
  /// Of no other type: whether an `Expected` of one is one would have to be known before there is the class.
  template <HeldAsOneOf<Null, bool, Number, std::string, Items, Members> Held>
  explicit JsonValue(Held held) : held_(std::move(held)) {}

  /// Null where it is something else.
  const bool* boolean() const { return std::get_if<bool>(&held_); }
  const std::string* text() const { return std::get_if<std::string>(&held_); }
  const Items* items() const { return std::get_if<Items>(&held_); }
  const Members* members() const { return std::get_if<Members>(&held_); }
  Items* items() { return std::get_if<Items>(&held_); }
  Members* members() { return std::get_if<Members>(&held_); }

  /// The value of an object's member; null where there is none, or this is no object.
  const JsonValue* member(std::string_view name) const;

  /// A number that is written as an integer, and fits; nothing else.
  std::optional<std::int64_t> integer() const;
  std::optional<std::uint64_t> unsigned_integer() const;

 private:
  std::variant<Null, bool, Number, std::string, Items, Members> held_;
};

struct JsonMember {
  std::string name;
  JsonValue value;
};

/// What a document may have. Each stops text of a few bytes a value from becoming much more in memory.
struct JsonDocumentLimits {
  std::size_t values_max;        ///< All values, containers too.
  std::size_t depth_max = 8;     ///< Containers inside one another.
  std::size_t members_max = 32;  ///< Of one object. Names are compared one by one.
};

/// Reads a text that is exactly one JSON value, as JsonTokenizer has it, in which no member of an object stands twice.
/// Errors: malformed, also for what is too deep, for too many members, and for a number that no double is as large as;
/// truncated; limit_exceeded, for too many values. Each has its offset.
core::Result<JsonValue> parse_json_document(std::string_view text, const JsonDocumentLimits& limits);

}  // namespace sconce::proto
