#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sconce::proto {

/// What a token looks like: 'sconce_' 16*HEX '_' 64*HEX, in lower case. The beginning lets programs that look for
/// secrets in public places know one; the first number is its id, which is no secret; the second one is, 256 random
/// bits of it.
inline constexpr std::string_view kTokenBegin = "sconce_";
inline constexpr std::size_t kTokenIdDigits = 16;
inline constexpr std::size_t kTokenSecretDigits = 64;

/// Whether it is hexadecimal digits in lower case, and that many. Threads: no state.
bool is_hex(std::string_view text, std::size_t digits);

/// The id of a token; nothing if `token` is none. Lifetime: points into `token`.
std::optional<std::string_view> token_id_of(std::string_view token);

/// What stands behind `Bearer` in an Authorization field; nothing if another scheme does. What it is worth is not
/// looked at. Source: RFC 6750, section 2.1; RFC 9110, section 11.1 (the scheme's case does not matter).
/// Lifetime: points into `authorization`.
std::optional<std::string_view> bearer_of(std::string_view authorization);

/// Whether it may stand behind `Bearer`: letters, digits and `-._~+/`, and `=` at the end. Source: RFC 6750, section
/// 2.1.
bool is_bearer(std::string_view token);

}  // namespace sconce::proto
