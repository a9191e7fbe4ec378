#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sconce::proto {

/// The objects of docs/json.md as data: which members each has, in their order, and of which kind their values are.
/// Threads: no state.

/// What one JSON object is. Its first member's name says it.
enum class JsonObjectKind : std::uint8_t {
  unknown,
  boolean,
  number,
  bytes,
  table,
  reference,
  function,
  instance,
  tensor,
  storage,
  scalars,
};

/// What stands under a member.
enum class JsonValueKind : std::uint8_t {
  index,
  index_or_null,
  tag,
  int32,
  int64,
  size,  ///< An integer from 0 on.
  non_finite,
  name,  ///< A string, or its bytes form.
  name_or_null,
  element_type,
  pieces,    ///< An array of strings of base64.
  longs,     ///< An array of integers.
  elements,  ///< An array of numbers, or of strings for what is not finite.
  pairs,     ///< An array of arrays of two objects.
  items,     ///< An array of objects and scalars.
  object,
  storage,  ///< A storage, a reference or null.
};

/// A member that objects of a kind have, and the kind of its value.
struct JsonMemberRule {
  std::string_view name;
  JsonValueKind take;
};

std::span<const JsonMemberRule> members_of(JsonObjectKind form);

/// `unknown` if no form begins with this member.
JsonObjectKind form_beginning_with(std::string_view member);

/// `an integer`, `an array of base64`, …
std::string_view describe(JsonValueKind take);

}  // namespace sconce::proto
