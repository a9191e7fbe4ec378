#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "server/http/message.h"

namespace sconce::server::net {

/// See server/config.h.
struct SiteOptions {
  std::vector<std::string> server_names = {};
  std::vector<std::string> cors_origins = {};
  bool checks_hosts = false;  ///< Also where no names are given.
};

/// `scheme://host[:port]`, in lower case, always with a port where the scheme has a usual one.
struct Origin {
  std::string scheme;
  std::string host;
  std::string port;

  friend bool operator==(const Origin&, const Origin&) = default;
};

/// What stops pages of others in the browsers of those who reach the server: such a page can send it requests, though
/// not read what it answers; and by a name of its own that it lets point to the server (DNS rebinding), read the
/// answers, too. Clients that are no browsers send neither `Origin` nor `Sec-Fetch-Site`, and are not concerned.
/// Threads: safe from many.
class Sites {
 public:
  /// Errors: invalid_argument (what is no name of a host, or no origin).
  static core::Result<Sites> of(const SiteOptions& options);

  /// `host` is what a Host field says; empty, as in HTTP/1.0 without one, it comes from no browser. Errors:
  /// misdirected, for a host that is not this server's: no address, `localhost`, name below it, or name that was given;
  /// only if hosts are checked.
  proto::HttpResult<void> check_host(std::string_view host) const;
  /// Errors: cross_site, for a write that comes from a page of another origin that was not given.
  proto::HttpResult<void> check_origin(const RequestHead& head, bool is_tls) const;

 private:
  Sites() = default;
  bool is_own_host(std::string_view host) const;
  bool comes_from_elsewhere(const RequestHead& head, bool is_tls) const;

  bool checks_hosts_ = false;
  std::vector<std::string> names_;  // in lower case
  std::vector<Origin> origins_;
};

}  // namespace sconce::server::net
