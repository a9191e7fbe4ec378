#include "tests/cli/listener.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace sconce::tests {

Listener::Listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  // So that a client that never comes is a failure, and no hang.
  const timeval timeout{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  const bool listens = ::bind(fd_, any, size) == 0 && ::listen(fd_, 1) == 0 && ::getsockname(fd_, any, &size) == 0;
  if (!listens) throw std::runtime_error("cannot listen");
  url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

Listener::~Listener() { ::close(fd_); }

std::string Listener::answer_once(const std::string& answer, std::size_t size_bytes_max) const {
  const int connection = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
  std::string request;
  std::array<char, 1024> buffer;
  while (!request.ends_with("\r\n\r\n") && request.size() < size_bytes_max) {
    const ssize_t got = ::recv(connection, buffer.data(), buffer.size(), 0);
    if (got <= 0) break;
    request.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
  ::close(connection);
  return request;
}

}  // namespace sconce::tests
