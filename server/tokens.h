#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "proto/http/access/token_file.h"

namespace sconce::server {

/// Where tokens are kept.
struct TokenSources {
  std::filesystem::path file;        ///< Empty: there is none.
  std::optional<std::string> lines;  ///< Of the environment.

  bool given() const { return !file.empty() || lines; }
};

/// All tokens of both. Threads: no state. Errors: invalid_argument, limit_exceeded (the content, naming the line; an id
/// that is in both; a file that others may write, who could give themselves any right), not_found, io_error.
core::Result<std::vector<proto::TokenRecord>> read_tokens(const TokenSources& sources);

struct NewToken {
  std::string token;  ///< Kept nowhere.
  proto::TokenRecord record;
};

/// Makes a token of random numbers. Throws if there are none.
NewToken new_token(proto::Grants grants, std::optional<std::chrono::sys_seconds> expires);

}  // namespace sconce::server
