#include "server/net/request_target.h"

#include <algorithm>

namespace sconce::server::net {

namespace {

using proto::Refusal;
using proto::refuse;

char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte; }

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

bool is_hex_digit(char byte) { return is_digit(byte) || (lower(byte) >= 'a' && lower(byte) <= 'f'); }

/// Of a name of a host; a `%` and what follows it is not looked into.
bool is_name_byte(char byte) {
  const bool alphanumeric = is_digit(byte) || (lower(byte) >= 'a' && lower(byte) <= 'z');
  return alphanumeric || std::string_view("-._~!$&'()*+,;=%").find(byte) != std::string_view::npos;
}

/// Brackets, which a URI has to encode, stand in paths of parts (`modules[1].weight`), and browsers leave them too.
bool is_target_byte(char byte) {
  return is_name_byte(byte) || std::string_view("/?:@[]").find(byte) != std::string_view::npos;
}

bool begins_with_scheme(std::string_view target, std::string_view scheme) {
  return target.size() >= scheme.size() &&
         std::ranges::equal(target.substr(0, scheme.size()), scheme, {}, [](char byte) { return lower(byte); });
}

/// What follows `host` in an absolute target behind its scheme. Errors: bad_request.
proto::Answer<std::string_view> behind_host(std::string_view rest) {
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view host = rest.substr(0, end);
  if (!host.empty() && host.front() != ':' && is_host(host)) return rest.substr(end);
  return refuse(Refusal::bad_request, "the target of the request names no host");
}

}  // namespace

bool is_host(std::string_view text) {
  std::size_t end = 0;
  if (text.starts_with('[')) {
    end = text.find(']');
    if (end == std::string_view::npos || end == 1) return false;
    const auto in_address = [](char byte) { return is_hex_digit(byte) || byte == ':' || byte == '.'; };
    if (!std::ranges::all_of(text.substr(1, end - 1), in_address)) return false;
    ++end;
  } else {
    end = std::min(text.find(':'), text.size());
    if (!std::ranges::all_of(text.substr(0, end), is_name_byte)) return false;
  }
  const std::string_view port = text.substr(end);
  return port.empty() || (port.front() == ':' && std::ranges::all_of(port.substr(1), is_digit));
}

proto::Answer<LocalTarget> local_target_of(std::string_view method, std::string_view target) {
  constexpr std::string_view kHttp = "http://";
  if (method == "CONNECT") return refuse(Refusal::not_implemented, "this server is no proxy; it knows no CONNECT");
  if (target == "*" && method == "OPTIONS") return LocalTarget{target, {}};
  if (!std::ranges::all_of(target, is_target_byte)) {
    return refuse(Refusal::bad_request, "a byte in the target of the request that must be percent-encoded");
  }
  if (begins_with_scheme(target, "https://")) {
    return refuse(Refusal::misdirected, "this connection is not secured, and answers for no https");
  }
  if (begins_with_scheme(target, kHttp)) {
    const auto rest = behind_host(target.substr(kHttp.size()));
    if (!rest) return std::unexpected(rest.error());
    target = *rest;
    if (target.empty() && method == "OPTIONS") return LocalTarget{"*", {}};
  } else if (!target.starts_with('/')) {
    return refuse(Refusal::bad_request, "the target of the request is not a path");
  }
  const std::size_t mark = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, mark);
  return LocalTarget{path.empty() ? "/" : path, target.substr(std::min(mark + 1, target.size()))};
}

}  // namespace sconce::server::net
