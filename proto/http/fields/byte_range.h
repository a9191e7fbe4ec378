#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sconce::proto {

/// Bytes of a representation, from `first` to `last`, both of them included.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t size_bytes() const { return last - first + 1; }
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// Ranges of one request. Stops one header from asking for thousands of parts.
inline constexpr std::size_t kByteRangesMax = 32;

/// What Range asks of a representation of `size_bytes`, in its order; what lies beyond the end is cut off, or left out.
/// Nothing if the field is to be ignored: another unit, or not in the grammar. Empty if it cannot be satisfied: all
/// ranges lie beyond the end, there are too many, or together they are larger than the representation.
/// Threads: no state. Source: RFC 9110, section 14.
std::optional<std::vector<ByteRange>> parse_byte_ranges(std::string_view text, std::uint64_t size_bytes);

/// Whether If-Range names the representation that has this entity tag. A date never does: it is not exact enough.
bool if_range_holds(std::string_view text, std::string_view entity_tag);

/// `bytes 0-9/100`, and `bytes */100` for what cannot be satisfied.
std::string content_range_of(const ByteRange& range, std::uint64_t size_bytes);
std::string unsatisfied_content_range(std::uint64_t size_bytes);

}  // namespace sconce::proto
