#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

namespace sconce::bench {

using Clock = std::chrono::steady_clock;

inline double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

/// The value below which that share of them lies; they are sorted on the way. Not of none.
inline double percentile(std::vector<double>& values, double share) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}
inline double median(std::vector<double>& values) { return percentile(values, 0.5); }

}  // namespace sconce::bench
