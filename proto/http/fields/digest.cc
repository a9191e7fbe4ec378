#include "proto/http/fields/digest.h"

#include <algorithm>
#include <functional>

namespace sconce::proto {

namespace {

constexpr std::string_view kSha256 = "sha-256";
constexpr std::size_t kSha256Base64Bytes = 44;  // of 32 bytes

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

bool is_algorithm(std::string_view name) {
  const auto fits = [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '.' ||
           byte == '*';
  };
  return !name.empty() && name[0] >= 'a' && name[0] <= 'z' && std::ranges::all_of(name, fits);
}

bool is_base64(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '+' ||
         byte == '/' || byte == '=';
}

bool is_byte_sequence(std::string_view value) {
  return value.size() >= 2 && value.front() == ':' && value.back() == ':' &&
         std::ranges::all_of(value.substr(1, value.size() - 2), is_base64);
}

/// Calls `take(name, value)` for each member of a dictionary; false where the text is not one.
bool for_each_member(std::string_view text, const std::function<bool(std::string_view, std::string_view)>& take) {
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view member = trimmed(text.substr(0, comma));
    const std::size_t equals = member.find('=');
    if (equals == std::string_view::npos || !is_algorithm(member.substr(0, equals))) return false;
    if (!take(member.substr(0, equals), member.substr(equals + 1))) return false;
    if (comma == text.size()) return true;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

HttpResult<std::optional<std::string>> parse_digest(std::string_view text, std::string_view field) {
  std::optional<std::string> sha256;
  const bool read = for_each_member(text, [&](std::string_view name, std::string_view value) {
    if (!is_byte_sequence(value)) return false;
    if (name != kSha256) return true;
    sha256 = value.substr(1, value.size() - 2);
    return sha256->size() == kSha256Base64Bytes;
  });
  if (read) return sha256;
  return refuse(RequestError::bad_header, std::string(field) + " is not of the form sha-256=:BASE64:");
}

HttpResult<bool> wants_sha256(std::string_view text) {
  bool wants = false;
  const bool read = for_each_member(text, [&](std::string_view name, std::string_view value) {
    const bool is_preference = value == "10" || (value.size() == 1 && value[0] >= '0' && value[0] <= '9');
    if (name == kSha256) wants = value != "0";
    return is_preference;
  });
  if (read) return wants;
  return refuse(RequestError::bad_header, "Want-Repr-Digest is not of the form sha-256=N, with N from 0 to 10");
}

std::string digest_field_of(std::string_view sha256_base64) {
  return std::string(kSha256).append("=:").append(sha256_base64).append(":");
}

}  // namespace sconce::proto
