#include "tests/server/http_client.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <stdexcept>

namespace sconce::tests {

namespace {

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char byte) { return static_cast<char>(std::tolower(byte)); });
  return text;
}

HttpResponse head_of(std::string_view text) {
  HttpResponse response;
  response.version = text.substr(0, 8);
  response.status = static_cast<unsigned>(std::stoi(std::string(text.substr(9, 3))));
  std::size_t begin = text.find("\r\n") + 2;
  while (begin < text.size()) {
    const std::size_t end = text.find("\r\n", begin);
    const std::string_view line = text.substr(begin, end - begin);
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos)
      response.fields[lower(std::string(line.substr(0, colon)))] = line.substr(colon + 2);
    begin = end + 2;
  }
  return response;
}

}  // namespace

std::string text_of(const HttpRequest& request) {
  std::string text = request.method + " " + request.target + " HTTP/1.1\r\nHost: localhost\r\n";
  for (const std::string& field : request.fields) text += field + "\r\n";
  if (!request.body.empty()) text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  return text + "\r\n" + request.body;
}

HttpConnection::HttpConnection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval timeout{.tv_sec = 120, .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect to the server");
  }
}

HttpConnection::~HttpConnection() { close(socket_); }

bool HttpConnection::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

long HttpConnection::receive_some(char* out, std::size_t size) { return recv(socket_, out, size, 0); }

bool HttpConnection::fill() {
  std::array<char, 64 * 1024> piece;
  const long size = receive_some(piece.data(), piece.size());
  was_reset_ = size < 0 && errno == ECONNRESET;
  if (size <= 0) return false;
  received_.append(piece.data(), static_cast<std::size_t>(size));
  return true;
}

HttpResponse HttpConnection::receive(bool to_head) {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return {};
  }
  HttpResponse response = head_of(std::string_view(received_).substr(0, end + 2));
  received_.erase(0, end + 4);
  if (!to_head && response.field("transfer-encoding") == "chunked") {
    receive_chunked(response);
    return response;
  }
  const std::string length = to_head ? "" : response.field("content-length");
  const std::size_t size = length.empty() ? 0 : std::stoul(length);
  while (received_.size() < size && fill()) {
  }
  response.body = received_.substr(0, size);
  response.whole = response.body.size() == size;
  received_.erase(0, size);
  return response;
}

void HttpConnection::receive_chunked(HttpResponse& response) {
  while (true) {
    std::size_t line_end = 0;
    while ((line_end = received_.find("\r\n")) == std::string::npos) {
      if (!fill()) return;
    }
    const std::size_t size = std::stoul(received_.substr(0, line_end), nullptr, 16);
    const std::size_t begin = line_end + 2;
    while (received_.size() < begin + size + 2) {
      if (!fill()) return;
    }
    response.body += received_.substr(begin, size);
    received_.erase(0, begin + size + 2);
    if (size > 0) continue;
    response.whole = true;
    return;
  }
}

HttpResponse HttpConnection::exchange(const HttpRequest& request) {
  send(text_of(request));
  return receive(request.method == "HEAD");
}

std::string HttpConnection::receive_to_end() {
  while (fill()) {
  }
  return std::move(received_);
}

void HttpConnection::half_close() const { shutdown(socket_, SHUT_WR); }

bool HttpConnection::ended() { return received_.empty() && !fill(); }

HttpResponse http(std::uint16_t port, const HttpRequest& request) { return HttpConnection(port).exchange(request); }

}  // namespace sconce::tests
