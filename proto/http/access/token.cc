#include "proto/http/access/token.h"

#include <algorithm>

#include "core/ascii.h"

namespace sconce::proto {

namespace {

/// Source: RFC 6750, section 2.1.
constexpr auto kBearerCharacters = core::CharacterSet::alphanumeric_and("-._~+/");

}  // namespace

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && std::ranges::all_of(text, core::is_lower_hex_digit);
}

std::optional<std::string_view> token_id_of(std::string_view token) {
  constexpr std::size_t kIdAt = kTokenBegin.size();
  constexpr std::size_t kSecretAt = kIdAt + kTokenIdDigits + 1;
  if (token.size() != kSecretAt + kTokenSecretDigits || !token.starts_with(kTokenBegin)) return std::nullopt;
  const std::string_view id = token.substr(kIdAt, kTokenIdDigits);
  const bool good =
      is_hex(id, kTokenIdDigits) && token[kSecretAt - 1] == '_' && is_hex(token.substr(kSecretAt), kTokenSecretDigits);
  return good ? std::optional(id) : std::nullopt;
}

std::optional<std::string_view> bearer_of(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer";
  const std::string_view scheme = authorization.substr(0, authorization.find(' '));
  if (!core::equals_ignoring_case(scheme, kScheme)) return std::nullopt;
  const std::size_t begin = std::min(authorization.find_first_not_of(' ', scheme.size()), authorization.size());
  return authorization.substr(begin);
}

bool is_bearer(std::string_view token) {
  const std::string_view body = token.substr(0, token.find_last_not_of('=') + 1);
  return !body.empty() && kBearerCharacters.contains_all(body);
}

}  // namespace sconce::proto
