#include "cli/health.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <string_view>

#include "cli/descriptor.h"
#include "cli/host_port.h"
#include "cli/report.h"
#include "core/error.h"

namespace sconce::cli {
namespace {

using core::ErrorCode;

constexpr time_t kTimeoutSeconds = 3;  // for each of: connect, send, one receive
constexpr std::string_view kGood = "HTTP/1.1 200";

/// `http://HOST:PORT`, with or without a `/` behind it.
std::optional<HostPort> parse_url(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return std::nullopt;
  url.remove_prefix(kScheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  return parse_host_port(url);
}

core::Result<Descriptor> connect_to(const HostPort& to) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(to.host.c_str(), std::to_string(to.port).c_str(), &hints, &found);
  if (failed != 0) return core::fail(ErrorCode::not_found, std::string("cannot resolve: ") + ::gai_strerror(failed));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);

  int why = 0;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    Descriptor socket(::socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC, address->ai_protocol));
    const timeval timeout{.tv_sec = kTimeoutSeconds, .tv_usec = 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    if (::connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0) return socket;
    why = errno;
  }
  return std::unexpected(system_error(why == EINPROGRESS ? ETIMEDOUT : why, "cannot connect"));
}

core::Status send_request(const Descriptor& socket, const HostPort& to) {
  const std::string host = to.host.contains(':') ? '[' + to.host + ']' : to.host;
  const std::string request =
      "GET /healthz HTTP/1.1\r\nHost: " + host + ":" + std::to_string(to.port) + "\r\nConnection: close\r\n\r\n";
  const ssize_t sent = ::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL);
  if (sent < 0) return std::unexpected(system_error(errno, "cannot send"));
  return {};
}

/// The begin of the answer, as long as `kGood` unless the server closed earlier.
core::Result<std::string> receive_begin(const Descriptor& socket) {
  std::string answer;
  std::array<char, kGood.size()> buffer;
  while (answer.size() < kGood.size()) {
    const ssize_t got = ::recv(socket.get(), buffer.data(), buffer.size() - answer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(system_error(errno == EAGAIN ? ETIMEDOUT : errno, "cannot receive"));
    if (got == 0) break;
    answer.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return answer;
}

core::Status ask(const std::string& url) {
  const auto to = parse_url(url);
  if (!to) return core::fail(ErrorCode::invalid_argument, "not a URL of the form http://HOST:PORT");
  const auto socket = connect_to(*to);
  if (!socket) return std::unexpected(socket.error());
  core::Status sent = send_request(*socket, *to);
  if (!sent) return sent;
  const auto answer = receive_begin(*socket);
  if (!answer) return std::unexpected(answer.error());
  if (*answer != kGood) return core::fail(ErrorCode::io_error, "not healthy: it answered \"" + *answer + "\"");
  return {};
}

}  // namespace

int health(const HealthArguments& arguments) {
  const core::Status status = ask(arguments.url);
  if (status) return kExitOk;
  report(arguments.url, status.error());
  return kExitBadInput;
}

}  // namespace sconce::cli
