#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "cli/client/host_port.h"
#include "cli/client/http_answer.h"
#include "cli/client/tls_client.h"
#include "core/error.h"

namespace sconce::cli {

/// `http://HOST:PORT` or `https://HOST:PORT`, and what follows.
struct Url {
  bool is_https = false;
  HostPort server;
  std::string target;  ///< Path and query, which are sent as they are; may be empty.
};

/// Nothing if `text` is not that, or has a space, a control character, or a `#`.
std::optional<Url> parse_url(std::string_view text);

struct HttpGetLimits {
  std::size_t body_bytes_max = 64 * 1024;
  std::chrono::seconds step{3};     ///< For each of: connect, agree on TLS, send, one receive.
  std::chrono::seconds answer{10};  ///< For all of the answer. Stops one that comes byte by byte.
};

/// Asks once, on a connection of its own, with the token as what may be asked for unless it is empty.
/// Threads: no state. Errors: invalid_argument (`tls` says something, but the URL is no https://), and as Connection
/// and HttpAnswerReader.
core::Result<HttpAnswer> http_get(const Url& url, const std::string& token, const TlsArguments& tls,
                                  const HttpGetLimits& limits);

}  // namespace sconce::cli
