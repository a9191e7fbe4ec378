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

bool is_target_byte(char byte) {
  return is_name_byte(byte) || std::string_view("/?:@[]").find(byte) != std::string_view::npos;
}

bool begins_with_scheme(std::string_view target, std::string_view scheme) {
  return target.size() >= scheme.size() &&
         std::ranges::equal(target.substr(0, scheme.size()), scheme, {}, [](char byte) { return lower(byte); });
}

/// The rest of a target behind `scheme://host`, and that host.
struct HostAndRest {
  std::string_view host;
  std::string_view rest;
};

/// Errors: bad_request (no host), misdirected.
proto::Answer<HostAndRest> split_absolute(std::string_view target, bool is_tls) {
  constexpr std::string_view kSchemes[] = {"http://", "https://"};
  if (begins_with_scheme(target, kSchemes[is_tls ? 0 : 1])) {
    return refuse(Refusal::misdirected, is_tls ? "this connection is secured, and answers for no http"
                                               : "this connection is not secured, and answers for no https");
  }
  const std::string_view own = kSchemes[is_tls ? 1 : 0];
  if (!begins_with_scheme(target, own)) {
    return refuse(Refusal::bad_request, "the target of the request is not a path");
  }
  const std::string_view behind = target.substr(own.size());
  const std::size_t end = std::min(behind.find_first_of("/?"), behind.size());
  const HostAndRest split{behind.substr(0, end), behind.substr(end)};
  if (is_host(split.host)) return split;
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
    if (end == 0 || !std::ranges::all_of(text.substr(0, end), is_name_byte)) return false;
  }
  const std::string_view port = text.substr(end);
  return port.empty() || (port.front() == ':' && std::ranges::all_of(port.substr(1), is_digit));
}

bool is_target_text(std::string_view text) { return std::ranges::all_of(text, is_target_byte); }

proto::Answer<LocalTarget> local_target_of(std::string_view method, std::string_view target, bool is_tls) {
  if (method == "CONNECT") return refuse(Refusal::not_implemented, "this server is no proxy; it knows no CONNECT");
  if (target == "*" && method == "OPTIONS") return LocalTarget{target, {}};
  std::string_view host;
  if (!target.starts_with('/')) {
    const auto split = split_absolute(target, is_tls);
    if (!split) return std::unexpected(split.error());
    host = split->host;
    target = split->rest;
    if (target.empty() && method == "OPTIONS") return LocalTarget{"*", {}, host};
  }
  const std::size_t mark = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, mark);
  return LocalTarget{path.empty() ? "/" : path, target.substr(std::min(mark + 1, target.size())), host};
}

}  // namespace sconce::server::net
