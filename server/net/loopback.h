#pragma once

#include <string>

namespace sconce::server::net {

/// Whether only this machine can reach what listens on the address. What is no address is not.
bool is_loopback(const std::string& address);

}  // namespace sconce::server::net
