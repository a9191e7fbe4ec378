#include "cli/health.h"

#include "cli/client/http_get.h"
#include "cli/client/token_variable.h"
#include "cli/printing/report.h"
#include "core/error.h"

namespace sconce::cli {

bool is_server_url(const std::string& text) {
  const auto url = parse_url(text);
  return url && (url->target.empty() || url->target == "/");
}

namespace {

core::Status ask(const HealthArguments& arguments) {
  auto url = parse_url(arguments.url);
  if (!url || !is_server_url(arguments.url)) {
    return core::fail(core::ErrorCode::invalid_argument, "not a URL of the form http://HOST:PORT");
  }
  url->target = "/healthz";
  const auto token = token_variable();
  if (!token) return std::unexpected(token.error());
  const auto answer = http_get(*url, *token, arguments.tls, {});
  if (!answer) return std::unexpected(answer.error());
  if (answer->status == 200) return {};
  return core::fail(core::ErrorCode::io_error, "not healthy: it answered " + std::to_string(answer->status));
}

}  // namespace

int health(const HealthArguments& arguments) {
  const core::Status status = ask(arguments);
  if (status) return kExitOk;
  report(arguments.url, status.error());
  return kExitBadInput;
}

}  // namespace sconce::cli
