#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "proto/http/problem.h"

namespace sconce::proto {

/// `type/subtype; name=value`, as it stands in Content-Type and, with wildcards, in Accept. Type, subtype and names of
/// parameters in lower case. Source: RFC 9110, sections 8.3.1 and 12.5.1.
struct MediaRange {
  struct Parameter {
    std::string name;
    std::string value;
  };
  std::string type;
  std::string subtype;
  std::vector<Parameter> parameters;  // without q
  int quality_thousandths = 1000;

  /// Null if there is none of this name.
  const std::string* parameter(std::string_view name) const;
};

/// In one list, and the parameters of all of them. Stops a field from being compared with everything for ever.
inline constexpr std::size_t kMediaRangesMax = 100;

/// Reads a comma-separated list; empty elements are skipped. Threads: no state. Errors: bad_header, naming the byte, or
/// the limit.
HttpResult<std::vector<MediaRange>> parse_media_ranges(std::string_view text);

/// The quality, in thousandths, that the most specific of the ranges gives something. `specificity` says how
/// specifically a range speaks of it: 0 not at all, 3 by its name.
template <class Specificity>
int quality_of(const std::vector<MediaRange>& ranges, const Specificity& specificity) {
  int best = 0;
  int quality = 0;
  for (const MediaRange& range : ranges) {
    const int specific = specificity(range);
    if (specific <= best) continue;
    best = specific;
    quality = range.quality_thousandths;
  }
  return quality;
}

}  // namespace sconce::proto
