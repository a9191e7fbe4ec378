#include "cli/client/http_get.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "cli/client/connection.h"
#include "cli/client/descriptor.h"

namespace sconce::cli {
namespace {

using core::ErrorCode;
using core::Result;
using core::Status;

std::string request_of(const Url& url, const std::string& token) {
  const std::string& name = url.server.host;
  const std::string host = name.contains(':') ? '[' + name + ']' : name;
  const std::string target = url.target.empty() ? "/" : url.target;
  return "GET " + target + " HTTP/1.1\r\nHost: " + host + ":" + std::to_string(url.server.port) +
         (token.empty() ? "" : "\r\nAuthorization: Bearer " + token) + "\r\nConnection: close\r\n\r\n";
}

Result<HttpAnswer> receive(Connection& connection, const HttpGetLimits& limits) {
  const auto deadline = std::chrono::steady_clock::now() + limits.answer;
  HttpAnswerReader reader(limits.body_bytes_max);
  std::array<char, 64 * 1024> buffer;
  while (!reader.done()) {
    const auto got = connection.receive(buffer);
    if (!got) return std::unexpected(got.error());
    const bool ended = *got == 0;
    const Status read = ended ? reader.finish() : reader.put({buffer.data(), *got});
    if (!read) return std::unexpected(read.error());
    if (!reader.done() && std::chrono::steady_clock::now() > deadline) {
      return std::unexpected(system_error(ETIMEDOUT, "cannot receive all of the answer"));
    }
  }
  return reader.take();
}

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
  constexpr std::string_view kHttp = "http://";
  constexpr std::string_view kHttps = "https://";
  const auto is_wrong = [](char byte) { return (byte >= 0 && byte <= ' ') || byte == '#' || byte == '\x7f'; };
  const bool is_https = text.starts_with(kHttps);
  if (!(is_https || text.starts_with(kHttp)) || std::ranges::any_of(text, is_wrong)) return std::nullopt;
  text.remove_prefix(is_https ? kHttps.size() : kHttp.size());
  const std::size_t slash = std::min(text.find('/'), text.size());
  auto server = parse_host_port(text.substr(0, slash));
  if (!server) return std::nullopt;
  return Url{.is_https = is_https, .server = std::move(*server), .target = std::string(text.substr(slash))};
}

Result<HttpAnswer> http_get(const Url& url, const std::string& token, const TlsArguments& tls,
                            const HttpGetLimits& limits) {
  if (!url.is_https && tls.given()) {
    return core::fail(ErrorCode::invalid_argument,
                      "what says how to speak TLS goes with a URL that begins with https://");
  }
  const std::optional<TlsArguments> arguments = url.is_https ? std::optional(tls) : std::nullopt;
  auto connection = Connection::open(url.server, arguments, limits.step);
  if (!connection) return std::unexpected(std::move(connection.error()));
  if (Status sent = connection->send(request_of(url, token)); !sent) return std::unexpected(std::move(sent.error()));
  return receive(*connection, limits);
}

}  // namespace sconce::cli
