#include "bench/put_client.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace sconce::bench {

namespace {

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "PUT: %s\n", why.c_str());
  std::exit(1);
}

}  // namespace

PutClient::PutClient(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) give_up("cannot connect");
}

PutClient::~PutClient() { close(socket_); }

void PutClient::put(const std::string& key, const std::string& object) {
  send("PUT /v1/objects/" + key + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(object.size()) +
       "\r\n\r\n");
  send(object);
  const std::string head = receive_head();
  if (head.substr(9, 1) != "2") give_up(head);
}

void PutClient::send(const std::string& bytes) const {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t size = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (size <= 0) give_up("the server has closed the connection");
    sent += static_cast<std::size_t>(size);
  }
}

/// An answer to a PUT has no body, and no request is sent before it has come.
std::string PutClient::receive_head() const {
  std::string head;
  std::array<char, 4096> piece;
  while (!head.ends_with("\r\n\r\n")) {
    const ssize_t size = recv(socket_, piece.data(), piece.size(), 0);
    if (size <= 0) give_up("the server has closed the connection");
    head.append(piece.data(), static_cast<std::size_t>(size));
  }
  return head;
}

}  // namespace sconce::bench
