#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sconce::proto {

/// `Mon, 23 Nov 2026 10:00:00 GMT`; of the years 0 to 9999. Threads: no state. Source: RFC 9110, section 5.6.7.
std::string http_date(std::chrono::sys_seconds time);

/// A date as HTTP writes it, or in one of the two ways it once did; nothing if it is none. `now` says which century a
/// year of two digits is in. Source: RFC 9110, section 5.6.7.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text, std::chrono::sys_seconds now);

}  // namespace sconce::proto
