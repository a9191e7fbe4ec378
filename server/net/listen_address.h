#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sconce::server::net {

/// The address that a server is told to listen on: `host` itself, or of `localhost` 127.0.0.1, whatever a resolver says
/// (RFC 6761, section 6.3). Nothing for another name. Threads: no state.
std::optional<std::string> listen_address(const std::string& host);

/// Why there is nothing.
std::string not_an_address(const std::string& host);

/// Whether only this machine can reach what listens there. What is no address is not.
bool is_loopback(const std::string& host);

/// `host:port`, as a URL has it: an IPv6 address stands in brackets.
std::string host_and_port(const std::string& host, std::uint16_t port);

}  // namespace sconce::server::net
