#pragma once

#include <string>

#include "cli/client/tls_client.h"

namespace sconce::cli {

struct HealthArguments {
  std::string url = "http://127.0.0.1:7077";
  TlsArguments tls;
};

/// Whether a URL is that of a server: `http[s]://HOST:PORT`.
bool is_server_url(const std::string& text);

/// `sconce health`: asks a server for /healthz. Silent if it answers 200. Returns the exit code. Threads: the main one.
int health(const HealthArguments& arguments);

}  // namespace sconce::cli
