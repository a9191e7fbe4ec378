#include "cli/http_get.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include "cli/descriptor.h"

namespace sconce::cli {
namespace {

using core::ErrorCode;
using core::Result;
using core::Status;

core::Result<Descriptor> connect_to(const HostPort& to, std::chrono::seconds step) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(to.host.c_str(), std::to_string(to.port).c_str(), &hints, &found);
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

std::string request_of(const Url& url, const std::string& token) {
  const std::string& name = url.server.host;
  const std::string host = name.contains(':') ? '[' + name + ']' : name;
  const std::string target = url.target.empty() ? "/" : url.target;
  return "GET " + target + " HTTP/1.1\r\nHost: " + host + ":" + std::to_string(url.server.port) +
         (token.empty() ? "" : "\r\nAuthorization: Bearer " + token) + "\r\nConnection: close\r\n\r\n";
}

Status send_all(const Descriptor& socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return failed("cannot send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<HttpAnswer> receive(const Descriptor& socket, const HttpGetLimits& limits) {
  const auto deadline = std::chrono::steady_clock::now() + limits.answer;
  HttpAnswerReader reader(limits.body_bytes_max);
  std::array<char, 64 * 1024> buffer;
  while (!reader.done()) {
    const ssize_t got = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("cannot receive");
    const bool ended = got == 0;
    const Status read = ended ? reader.finish() : reader.put({buffer.data(), static_cast<std::size_t>(got)});
    if (!read) return std::unexpected(read.error());
    if (!reader.done() && std::chrono::steady_clock::now() > deadline) {
      return std::unexpected(system_error(ETIMEDOUT, "cannot receive all of the answer"));
    }
  }
  return reader.take();
}

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  const auto is_wrong = [](char byte) { return (byte >= 0 && byte <= ' ') || byte == '#' || byte == '\x7f'; };
  if (!text.starts_with(kScheme) || std::ranges::any_of(text, is_wrong)) return std::nullopt;
  text.remove_prefix(kScheme.size());
  const std::size_t slash = std::min(text.find('/'), text.size());
  auto server = parse_host_port(text.substr(0, slash));
  if (!server) return std::nullopt;
  return Url{.server = std::move(*server), .target = std::string(text.substr(slash))};
}

Result<HttpAnswer> http_get(const Url& url, const std::string& token, const HttpGetLimits& limits) {
  const auto socket = connect_to(url.server, limits.step);
  if (!socket) return std::unexpected(socket.error());
  if (Status sent = send_all(*socket, request_of(url, token)); !sent) return std::unexpected(std::move(sent.error()));
  return receive(*socket, limits);
}

}  // namespace sconce::cli
