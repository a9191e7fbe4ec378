#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/event/element_type.h"
#include "core/graph/object.h"
#include "proto/formats/dtype.h"

namespace sconce::proto {

/// How plain JSON says a table, the shape of a tensor, and a number.

struct PlainTable {
  bool is_array = true;
  /// Where pairs are not in order, or some were removed: part i is the slot order[i].
  std::vector<std::uint32_t> order = {};

  std::size_t position(std::size_t part) const { return order.empty() ? part : order[part]; }
};

/// Threads: no state. Errors: unrepresentable, if the keys are neither 1..n nor all strings.
core::Result<PlainTable> plain_table(const core::Table& table);

/// The brackets and commas between the elements of arrays in arrays of these sizes, none of which is 0. Lifetime:
/// `sizes` is borrowed. Threads: one at a time.
class BracketWalk {
 public:
  explicit BracketWalk(std::span<const std::int64_t> sizes) : sizes_(sizes), indices_(sizes.size()) {}

  /// What stands before the next element. Lifetime: until the next call.
  std::string_view next();
  /// What stands behind the last one.
  std::string_view end();

 private:
  std::span<const std::int64_t> sizes_;
  std::vector<std::int64_t> indices_;  // of the element that was last
  bool is_begun_ = false;
  std::string text_;
};

/// As print_json_element, but what is not finite is `null`, and integers up to 2^53 have no exponent.
char* print_plain_element(char* to, core::ElementType type, const std::byte* from);

/// The same of an array's dtype, from one unit of its carrier: `true` and `false`, integers without sign, floats by
/// their value. Of a complex number the one part that is there; of F4 the element in the low four bits.
char* print_plain_unit(char* to, Dtype dtype, const std::byte* from);

}  // namespace sconce::proto
