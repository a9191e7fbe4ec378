#pragma once

#include <string>
#include <string_view>

#include "core/error.h"

namespace sconce::proto {

/// Decodes `%XX` once; `+` stays a `+`. Errors: invalid_argument, at the offset of the `%` that two hexadecimal digits
/// do not follow. Source: RFC 3986, section 2.1.
core::Result<std::string> percent_decode(std::string_view text);

/// Encodes what may not stand in a path; `/` stays.
std::string percent_encode_path(std::string_view path);

}  // namespace sconce::proto
