#include "server/net/request_target.h"

#include <algorithm>

#include "core/ascii.h"

namespace sconce::server::net {

namespace {

using proto::refuse;
using proto::RequestError;

/// Of a name of a host; a `%` and what follows it is not looked into.
constexpr auto kHostCharacters = core::CharacterSet::alphanumeric_and("-._~!$&'()*+,;=%");
constexpr auto kTargetCharacters = core::CharacterSet::alphanumeric_and("-._~!$&'()*+,;=%/?:@[]");

bool begins_with_scheme(std::string_view target, std::string_view scheme) {
  return target.size() >= scheme.size() && core::equals_ignoring_case(target.substr(0, scheme.size()), scheme);
}

/// The rest of a target behind `scheme://host`, and that host.
struct HostAndRest {
  std::string_view host;
  std::string_view rest;
};

/// Errors: bad_request (no host), misdirected.
proto::HttpResult<HostAndRest> split_absolute(std::string_view target, bool is_tls) {
  constexpr std::string_view kSchemes[] = {"http://", "https://"};
  if (begins_with_scheme(target, kSchemes[is_tls ? 0 : 1])) {
    return refuse(RequestError::misdirected, is_tls ? "this connection is secured, and answers for no http"
                                                    : "this connection is not secured, and answers for no https");
  }
  const std::string_view own = kSchemes[is_tls ? 1 : 0];
  if (!begins_with_scheme(target, own)) {
    return refuse(RequestError::bad_request, "the target of the request is not a path");
  }
  const std::string_view behind = target.substr(own.size());
  const std::size_t end = std::min(behind.find_first_of("/?"), behind.size());
  const HostAndRest split{behind.substr(0, end), behind.substr(end)};
  if (is_host(split.host)) return split;
  return refuse(RequestError::bad_request, "the target of the request names no host");
}

}  // namespace

bool is_host(std::string_view text) {
  std::size_t end = 0;
  if (text.starts_with('[')) {
    end = text.find(']');
    if (end == std::string_view::npos || end == 1) return false;
    const auto in_address = [](char byte) { return core::is_hex_digit(byte) || byte == ':' || byte == '.'; };
    if (!std::ranges::all_of(text.substr(1, end - 1), in_address)) return false;
    ++end;
  } else {
    end = std::min(text.find(':'), text.size());
    if (end == 0 || !kHostCharacters.contains_all(text.substr(0, end))) return false;
  }
  const std::string_view port = text.substr(end);
  return port.empty() || (port.front() == ':' && std::ranges::all_of(port.substr(1), core::is_digit));
}

bool is_target_text(std::string_view text) { return kTargetCharacters.contains_all(text); }

proto::HttpResult<LocalTarget> local_target_of(std::string_view method, std::string_view target, bool is_tls) {
  if (method == "CONNECT") return refuse(RequestError::not_implemented, "this server is no proxy; it knows no CONNECT");
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
