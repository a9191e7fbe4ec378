#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace sconce::proto {

/// A date as HTTP writes it, or in one of the two ways it once did; nothing if it is none. `now` says which century a
/// year of two digits is in. Source: RFC 9110, section 5.6.7.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text, std::chrono::sys_seconds now);

}  // namespace sconce::proto
