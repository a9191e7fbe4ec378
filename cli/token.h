#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "proto/http/access/rights.h"

namespace sconce::cli {

struct NewTokenArguments {
  std::vector<std::string> prefixes;
  std::vector<proto::Rights> rights;  ///< One for each prefix, or one for all of them.
  std::optional<std::chrono::sys_seconds> expires;
};

/// What the arguments grant. Threads: no state. Errors: invalid_argument, limit_exceeded (kGrantsMax).
core::Result<proto::Grants> grants_of(const NewTokenArguments& arguments);

/// `sconce token new`: prints a new token, and its line for the server's file. Returns the exit code.
/// Threads: the main one.
int new_token(const proto::Grants& grants, std::optional<std::chrono::sys_seconds> expires);

/// `sconce token check`: says whether a server would take the file. Returns the exit code.
int check_tokens(const std::string& file);

}  // namespace sconce::cli
