#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "proto/http/problem.h"

namespace sconce::proto {

/// Stops keys from becoming a store of their own.
inline constexpr std::size_t kKeyBytesMax = 1024;

/// The key that stands in a request's path, percent-decoded once: UTF-8, 1 to kKeyBytesMax bytes, segments between `/`
/// none of which is empty, `.` or `..`, no control characters. Nothing is normalised: two keys are the same if their
/// bytes are. Threads: no state. Errors: bad_key, naming the byte.
HttpResult<std::string> parse_object_key(std::string_view encoded);

/// The same for a key that is not percent-encoded.
HttpResult<void> check_object_key(std::string_view key);

}  // namespace sconce::proto
