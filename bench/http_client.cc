#include "bench/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <iterator>

namespace sconce::bench {

namespace {

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "the server: %s\n", why.c_str());
  std::exit(1);
}

std::size_t number_of(const std::string& text, int base) {
  std::size_t number = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), number, base).ec != std::errc())
    give_up("no number: " + text);
  return number;
}

}  // namespace

HttpClient::HttpClient(std::uint16_t port, const Options& options)
    : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), piece_(options.piece_bytes) {
  sockaddr_in own{};
  own.sin_family = AF_INET;
  inet_pton(AF_INET, options.from, &own.sin_addr);
  if (bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) give_up("no address of its own");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) give_up("cannot connect");
}

HttpClient::~HttpClient() { close(socket_); }

std::size_t HttpClient::exchange(std::string_view head, std::string_view body) {
  send(head, body);
  return receive_answer();
}

std::size_t HttpClient::exchange_pieces(
    std::string_view head, const std::function<void(const std::function<void(std::string_view)>& send)>& send_body) {
  send(head, {});
  send_body([this](std::string_view piece) { send(piece, {}); });
  return receive_answer();
}

/// In one write: the second of two would wait for the first to be acknowledged.
void HttpClient::send(std::string_view head, std::string_view body) const {
  while (!head.empty() || !body.empty()) {
    iovec parts[] = {{const_cast<char*>(head.data()), head.size()}, {const_cast<char*>(body.data()), body.size()}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = std::size(parts);
    const ssize_t size = sendmsg(socket_, &message, MSG_NOSIGNAL);
    if (size <= 0) give_up("it has closed the connection");
    const std::size_t of_head = std::min(head.size(), static_cast<std::size_t>(size));
    head.remove_prefix(of_head);
    body.remove_prefix(static_cast<std::size_t>(size) - of_head);
  }
}

unsigned HttpClient::status_of(std::string_view head, std::string_view body) {
  send(head, body);
  return receive_any_answer().status;
}

std::size_t HttpClient::receive_answer() {
  const Answer answer = receive_any_answer();
  if (answer.status / 100 != 2) give_up("it answers " + std::to_string(answer.status));
  return answer.body_bytes;
}

HttpClient::Answer HttpClient::receive_any_answer() {
  const std::string head = receive_head();
  Answer answer{.status = static_cast<unsigned>(number_of(head.substr(9, 3), 10)), .body_bytes = 0};
  if (head.find("Transfer-Encoding: chunked") != std::string::npos) {
    answer.body_bytes = drop_chunks();
    return answer;
  }
  constexpr std::string_view kLength = "Content-Length: ";
  const std::size_t length = head.find(kLength);
  if (length == std::string::npos) return answer;
  answer.body_bytes = number_of(head.substr(length + kLength.size()), 10);
  drop(answer.body_bytes);
  return answer;
}

void HttpClient::receive() {
  const ssize_t size = recv(socket_, piece_.data(), piece_.size(), 0);
  if (size <= 0) give_up("it has closed the connection");
  begin_ = 0;
  end_ = static_cast<std::size_t>(size);
}

std::string HttpClient::receive_head() {
  std::string head;
  for (std::string line = receive_line(); !line.empty(); line = receive_line()) head += line + '\n';
  return head;
}

/// Without its end.
std::string HttpClient::receive_line() {
  std::string line;
  while (true) {
    if (begin_ == end_) receive();
    const auto at = std::find(piece_.begin() + static_cast<std::ptrdiff_t>(begin_),
                              piece_.begin() + static_cast<std::ptrdiff_t>(end_), '\n');
    const auto stop = static_cast<std::size_t>(at - piece_.begin());
    line.append(piece_.data() + begin_, stop - begin_);
    begin_ = std::min(stop + 1, end_);
    if (stop == end_) continue;
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }
}

void HttpClient::drop(std::size_t bytes) {
  while (bytes > 0) {
    if (begin_ == end_) receive();
    const std::size_t dropped = std::min(bytes, end_ - begin_);
    begin_ += dropped;
    bytes -= dropped;
  }
}

std::size_t HttpClient::drop_chunks() {
  std::size_t bytes = 0;
  while (const std::size_t chunk = number_of(receive_line(), 16)) {
    bytes += chunk;
    drop(chunk);
    receive_line();
  }
  receive_line();
  return bytes;
}

namespace {

std::string head_with_body(const std::string& line, std::size_t body_bytes) {
  return line + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body_bytes) + "\r\n\r\n";
}

}  // namespace

std::string put_head(const std::string& key, std::size_t body_bytes) {
  return head_with_body("PUT /v1/objects/" + key, body_bytes);
}

std::string get_head(const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n"; }

std::string post_head(const std::string& target, std::size_t body_bytes) {
  return head_with_body("POST " + target, body_bytes);
}

}  // namespace sconce::bench
