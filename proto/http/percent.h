#pragma once

#include <string>
#include <string_view>

#include "core/error.h"

namespace sconce::proto {

/// Decodes `%XX` once; `+` stays a `+`. Threads: no state. Errors: invalid_argument, at the offset of the `%` that two
/// hexadecimal digits do not follow. Source: RFC 3986, section 2.1.
core::Result<std::string> percent_decode(std::string_view text);

/// Encodes what may not stand in a path; `/` stays.
std::string percent_encode_path(std::string_view path);

/// Decodes a name or a value of a query: `%XX` once, and `+` is a blank. Errors: as percent_decode. Source: the URL
/// Standard, section 5.1 (application/x-www-form-urlencoded).
core::Result<std::string> form_decode(std::string_view text);

/// Encodes a value of a query, so that form_decode gives it back. Brackets, which paths of parts have, stay; a blank is
/// `%20`, which is a blank in a path too.
std::string form_encode(std::string_view value);

}  // namespace sconce::proto
