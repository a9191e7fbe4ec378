#include "server/net/listen_address.h"

#include <boost/asio/ip/address.hpp>

namespace sconce::server::net {

namespace {

namespace ip = boost::asio::ip;

std::optional<ip::address> parse(const std::string& host) {
  if (host == "localhost") return ip::address_v4::loopback();
  boost::system::error_code error;
  const ip::address address = ip::make_address(host, error);
  return error ? std::nullopt : std::optional(address);
}

}  // namespace

std::optional<std::string> listen_address(const std::string& host) {
  const std::optional<ip::address> address = parse(host);
  return address ? std::optional(address->to_string()) : std::nullopt;
}

std::string not_an_address(const std::string& host) {
  return "cannot listen on `" + host + "`, which is neither an IP address nor `localhost`";
}

bool is_loopback(const std::string& host) {
  const std::optional<ip::address> address = parse(host);
  return address && address->is_loopback();
}

std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

}  // namespace sconce::server::net
