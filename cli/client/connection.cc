#include "cli/client/connection.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>

namespace sconce::cli {
namespace {

using core::ErrorCode;
using core::Result;
using core::Status;

Result<Descriptor> connect_to(const HostPort& to, std::chrono::seconds step) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(to.port);
  int failed = ::getaddrinfo(to.host.c_str(), port.c_str(), &hints, &found);
  // A machine without /etc/hosts asks a resolver, which need not know the name. Source: RFC 6761, section 6.3.
  if (failed != 0 && to.host == "localhost") failed = ::getaddrinfo("127.0.0.1", port.c_str(), &hints, &found);
  if (failed != 0) return core::fail(ErrorCode::not_found, std::string("cannot resolve: ") + ::gai_strerror(failed));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);

  int why = 0;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    Descriptor socket(::socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC, address->ai_protocol));
    const timeval timeout{.tv_sec = step.count(), .tv_usec = 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    if (::connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0) return socket;
    why = errno;
  }
  return std::unexpected(system_error(why == EINPROGRESS ? ETIMEDOUT : why, "cannot connect"));
}

std::unexpected<core::Error> failed(const std::string& doing) {
  return std::unexpected(system_error(errno == EAGAIN ? ETIMEDOUT : errno, doing));
}

}  // namespace

Result<Connection> Connection::open(const HostPort& to, const std::optional<TlsArguments>& tls,
                                    std::chrono::seconds step) {
  auto socket = connect_to(to, step);
  if (!socket) return std::unexpected(std::move(socket.error()));
  Connection connection(std::move(*socket));
  if (!tls) return connection;
  auto client = TlsClient::begin(connection.socket_.get(), to.host, *tls, step);
  if (!client) return std::unexpected(std::move(client.error()));
  connection.tls_.emplace(std::move(*client));
  return connection;
}

Status Connection::send(std::string_view bytes) {
  if (tls_) return tls_->send(bytes);
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return failed("cannot send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<std::size_t> Connection::receive(std::span<char> out) {
  if (tls_) return tls_->receive(out);
  while (true) {
    const ssize_t got = ::recv(socket_.get(), out.data(), out.size(), 0);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return failed("cannot receive");
  }
}

}  // namespace sconce::cli
