#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sconce::proto {

/// `2027-01-31T12:00:00Z`, `2027-01-31T12:00:00.5+01:00`, or a date alone, which is its begin in UTC; nothing if it is
/// none of them, or not in the years 0 to 9999 in UTC. Fractions of a second are cut off. Source: RFC 3339,
/// section 5.6.
std::optional<std::chrono::sys_seconds> parse_timestamp(std::string_view text);

/// `2027-01-31T12:00:00Z`. Of the years 0 to 9999. Threads: no state.
std::string timestamp_of(std::chrono::sys_seconds time);

}  // namespace sconce::proto
