#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sconce::cli {

/// Where a server listens.
struct HostPort {
  std::string host;
  std::uint16_t port;
};

/// `HOST:PORT`, where HOST is a name, an IPv4 address, or an IPv6 address in brackets. Nothing if `text` is not that.
/// Threads: no state.
std::optional<HostPort> parse_host_port(std::string_view text);

}  // namespace sconce::cli
