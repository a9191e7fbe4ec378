#include "cli/token.h"

#include <unistd.h>

#include <span>

#include "cli/output.h"
#include "cli/printing/report.h"
#include "cli/printing/text.h"
#include "core/text/printable.h"
#include "server/tokens.h"

namespace sconce::cli {
namespace {

using core::ErrorCode;

int print(const std::string& text) {
  const core::Status written = DescriptorSink(STDOUT_FILENO).write(std::as_bytes(std::span(text)));
  if (written) return kExitOk;
  report("-", written.error());
  return kExitBadInput;
}

}  // namespace

core::Result<proto::Grants> grants_of(const NewTokenArguments& arguments) {
  const auto& [prefixes, rights, expires] = arguments;
  if (prefixes.empty() && rights.size() == 1 && !rights.front().are_of_keys()) {
    return proto::Grants{{.rights = rights.front(), .prefix = ""}};
  }
  if (prefixes.empty()) {
    return core::fail(ErrorCode::invalid_argument, "--prefix says for which keys; --prefix '' is all of them");
  }
  if (rights.size() != 1 && rights.size() != prefixes.size()) {
    return core::fail(ErrorCode::invalid_argument, "--rights stands once, or once for each --prefix");
  }
  proto::Grants grants;
  for (std::size_t i = 0; i < prefixes.size(); ++i) {
    grants.push_back({.rights = rights.size() == 1 ? rights.front() : rights[i], .prefix = prefixes[i]});
    if (const core::Status checked = proto::check_grant(grants.back()); !checked) {
      return std::unexpected(checked.error());
    }
  }
  if (grants.size() <= proto::kGrantsMax) return grants;
  return core::fail(ErrorCode::limit_exceeded,
                    "a token has at most " + std::to_string(proto::kGrantsMax) + " prefixes");
}

int new_token(const proto::Grants& grants, std::optional<std::chrono::sys_seconds> expires) {
  const server::NewToken made = server::new_token(grants, expires);
  return print("token: " + made.token + "\nline: " + proto::line_of(made.record) + '\n');
}

int check_tokens(const std::string& file) {
  const auto tokens = server::read_tokens({.file = file, .lines = std::nullopt});
  if (tokens) return print(core::printable(file) + ": ok: " + counted(tokens->size(), "token") + '\n');
  report("token check", tokens.error());
  return kExitBadInput;
}

}  // namespace sconce::cli
