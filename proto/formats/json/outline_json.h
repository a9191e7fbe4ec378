#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/outline/part_finder.h"
#include "core/text/path.h"

namespace sconce::proto {

/// How an outline is to be told.
struct OutlineRequest {
  core::Path path = {};          ///< Of the part with which it begins.
  std::size_t depth = SIZE_MAX;  ///< Levels of parts below that one.
};

/// What an outline does not hold of a part that is an instance of sconce.Tensor.
struct ToldArray {
  std::string_view dtype;
  std::vector<std::int64_t> sizes;
};
/// Nothing if the instance keeps no array.
using ArrayOfPart = std::function<core::Result<std::optional<ToldArray>>(core::FoundPart)>;

/// Stops paths of ten thousand steps, told for each of ten thousand parts, from becoming gigabytes.
inline constexpr std::size_t kOutlineBytesMax = 16 << 20;

/// The outline of a part as JSON: an array of its parts, one a line, a part after the one that holds it. The members of
/// each are in docs/http-api.md, "Outlines". Threads: no state. Errors: limit_exceeded; those of `array_of`.
core::Result<std::string> outline_json(core::FoundPart start, const OutlineRequest& request,
                                       const ArrayOfPart& array_of = nullptr);

}  // namespace sconce::proto
