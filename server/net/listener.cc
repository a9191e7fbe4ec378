#include "server/net/listener.h"

#include <sys/socket.h>

#include "server/net/listen_address.h"

namespace sconce::server::net {

namespace {

using boost::system::error_code;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

std::unexpected<core::Error> cannot_listen(const asio::ip::tcp::endpoint& endpoint, const error_code& error) {
  std::string what = "cannot listen on " + host_and_port(endpoint.address().to_string(), endpoint.port()) + ": ";
  what += error == asio::error::address_in_use ? "another process listens there; choose another port" : error.message();
  return core::fail(core::ErrorCode::io_error, std::move(what));
}

/// The order decides: shared before it is bound, a socket joins whoever shares the port; shared once it listens, it
/// lets others join. Of two processes that do so at the same time, one fails to listen.
core::Result<Acceptor> bind_one(asio::io_context& context, const asio::ip::tcp::endpoint& endpoint, bool first) {
  Acceptor acceptor(context);
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && !first) acceptor.set_option(ReusePort(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error && first) acceptor.set_option(ReusePort(true), error);
  if (error) return cannot_listen(endpoint, error);
  return acceptor;
}

}  // namespace

core::Result<std::vector<Acceptor>> listen_on(const std::string& host, std::uint16_t port,
                                              const std::vector<std::unique_ptr<asio::io_context>>& contexts) {
  const std::optional<std::string> address = listen_address(host);
  if (!address) return core::fail(core::ErrorCode::invalid_argument, not_an_address(host));
  asio::ip::tcp::endpoint endpoint(asio::ip::make_address(*address), port);
  std::vector<Acceptor> acceptors;
  for (const auto& context : contexts) {
    core::Result<Acceptor> acceptor = bind_one(*context, endpoint, acceptors.empty());
    if (!acceptor) return std::unexpected(std::move(acceptor.error()));
    endpoint.port(acceptor->local_endpoint().port());
    acceptors.push_back(std::move(*acceptor));
  }
  return acceptors;
}

}  // namespace sconce::server::net
