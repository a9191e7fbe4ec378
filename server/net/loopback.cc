#include "server/net/loopback.h"

#include <boost/asio/ip/address.hpp>

namespace sconce::server::net {

bool is_loopback(const std::string& address) {
  boost::system::error_code error;
  const boost::asio::ip::address parsed = boost::asio::ip::make_address(address, error);
  return !error && parsed.is_loopback();
}

}  // namespace sconce::server::net
