#include "server/net/sites.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <optional>

#include "core/ascii.h"
#include "core/text/quote.h"
#include "server/net/request_target.h"

namespace sconce::server::net {

namespace {

using core::to_lower;
using proto::refuse;
using proto::RequestError;

struct HostPort {
  std::string_view host;  // with the brackets of an IPv6 address
  std::string_view port;  // empty: the usual one
};

/// `text` is a host, and perhaps a port.
HostPort split_host(std::string_view text) {
  const std::size_t end_of_address = text.starts_with('[') ? text.find(']') : 0;
  const std::size_t colon = std::min(text.find(':', end_of_address), text.size());
  return {text.substr(0, colon), text.substr(std::min(colon + 1, text.size()))};
}

/// The root of all names may stand behind one. Source: RFC 1034, section 3.1.
std::string_view without_root(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

std::string_view usual_port(std::string_view scheme) {
  if (scheme == "http") return "80";
  if (scheme == "https") return "443";
  return {};
}

Origin origin_of(std::string_view scheme, const HostPort& host) {
  Origin origin{.scheme = to_lower(scheme), .host = to_lower(host.host), .port = std::string(host.port)};
  if (origin.port.empty()) origin.port = usual_port(origin.scheme);
  return origin;
}

/// Source: RFC 6454, section 6.1. Nothing for `null`, which any page can have as its origin.
std::optional<Origin> parse_origin(std::string_view text) {
  constexpr std::string_view kBehindScheme = "://";
  const std::size_t end = text.find(kBehindScheme);
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  const std::string_view host = text.substr(end + kBehindScheme.size());
  if (!is_host(host)) return std::nullopt;
  return origin_of(text.substr(0, end), split_host(host));
}

bool is_name(std::string_view text) {
  static constexpr auto kOfNames = core::CharacterSet::alphanumeric_and("-_.");
  return !text.empty() && text != "." && kOfNames.contains_all(text);
}

bool is_address(std::string_view host) {
  boost::system::error_code error;
  if (host.starts_with('[')) boost::asio::ip::make_address_v6(host.substr(1, host.size() - 2), error);
  else boost::asio::ip::make_address_v4(host, error);
  return !error;
}

/// Names that no resolver may take elsewhere. Source: RFC 6761, section 6.3.
bool is_localhost(std::string_view name) {
  constexpr std::string_view kLocalhost = "localhost";
  if (name.size() < kLocalhost.size()) return false;
  const std::size_t begin = name.size() - kLocalhost.size();
  return core::equals_ignoring_case(name.substr(begin), kLocalhost) &&
         (begin == 0 || (begin > 1 && name[begin - 1] == '.'));
}

/// What is read changes nothing. To read by POST is no such method: it costs, and whoever may read can do without.
bool writes(std::string_view method) { return method != "GET" && method != "HEAD" && method != "OPTIONS"; }

/// Of the same scheme, host and port. In the open, `https` is the same, too: a proxy may do TLS in front, and nobody
/// else can serve pages at this host and port. Over TLS `http` is not: whoever is on the way can serve pages there.
bool is_same_origin(const Origin& origin, std::string_view host, bool is_tls) {
  const bool is_scheme = origin.scheme == "https" || (origin.scheme == "http" && !is_tls);
  return is_scheme && origin == origin_of(origin.scheme, split_host(host));
}

}  // namespace

core::Result<Sites> Sites::of(const SiteOptions& options) {
  Sites sites;
  sites.checks_hosts_ = options.checks_hosts || !options.server_names.empty();
  for (const std::string& name : options.server_names) {
    if (!is_name(name)) {
      return core::fail(core::ErrorCode::invalid_argument,
                        "--server-names: " + core::in_backticks(name) +
                            " is no name of a host; a name stands without scheme, port and patterns");
    }
    sites.names_.push_back(to_lower(without_root(name)));
  }
  for (const std::string& text : options.cors_origins) {
    std::optional<Origin> origin = parse_origin(text);
    if (!origin) {
      return core::fail(core::ErrorCode::invalid_argument,
                        "--cors-origin: " + core::in_backticks(text) +
                            " is no origin of pages; it is SCHEME://HOST[:PORT], as in `https://app.example`");
    }
    sites.origins_.push_back(std::move(*origin));
  }
  return sites;
}

proto::HttpResult<void> Sites::check_host(std::string_view host) const {
  if (checks_hosts_ && !host.empty() && !is_own_host(split_host(host).host)) {
    return refuse(RequestError::misdirected, "this server does not answer for the host " + core::in_backticks(host) +
                                                 "; if that is its name, start it with --server-names");
  }
  return {};
}

bool Sites::is_own_host(std::string_view host) const {
  const std::string_view name = without_root(host);
  if (is_localhost(name) || is_address(name)) return true;
  return std::ranges::any_of(names_, [name](const std::string& own) { return core::equals_ignoring_case(name, own); });
}

/// Another port is another program's, and another name below the same domain somebody else's, so `same-site` is not
/// enough; what is not known is not, either. `none` is what the user asked for, and no page.
bool Sites::comes_from_elsewhere(const RequestHead& head, bool is_tls) const {
  const std::string* const site = head.field("sec-fetch-site");
  if (site != nullptr && *site != "same-origin" && *site != "none") return true;
  const std::string* const origin = head.field("origin");
  if (origin == nullptr) return false;
  const std::optional<Origin> parsed = parse_origin(*origin);
  return !parsed || !is_same_origin(*parsed, head.value_of("host"), is_tls);
}

proto::HttpResult<void> Sites::check_origin(const RequestHead& head, bool is_tls) const {
  if (!writes(head.method) || !comes_from_elsewhere(head, is_tls)) return {};
  const std::string_view sent = head.value_of("origin");
  const std::optional<Origin> origin = parse_origin(sent);
  if (origin && std::ranges::find(origins_, *origin) != origins_.end()) return {};
  std::string detail = "a page of another site may not write here";
  if (!sent.empty()) detail += ": its origin is " + core::in_backticks(sent);
  return refuse(RequestError::cross_site, detail + "; --cors-origin says which may");
}

}  // namespace sconce::server::net
