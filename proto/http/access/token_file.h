#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "proto/http/access/rights.h"

namespace sconce::proto {

/// What is kept of a token: nothing that it could be made from.
struct TokenRecord {
  std::string id;    ///< As it stands in the token.
  std::string salt;  ///< kSaltDigits hexadecimal digits.
  std::string hash;  ///< SHA-256 of the text of the salt and the text of the token, kHashDigits hexadecimal digits.
  Grants grants;     ///< At least one.
  std::optional<std::chrono::sys_seconds> expires = std::nullopt;  ///< From then on it is worth nothing.

  friend bool operator==(const TokenRecord&, const TokenRecord&) = default;
};

inline constexpr std::size_t kSaltDigits = 32;
inline constexpr std::size_t kHashDigits = 64;

// Bound what starting, reloading, and looking at a token cost.
inline constexpr std::size_t kTokenFileBytesMax = 4 << 20;
inline constexpr std::size_t kTokensMax = 10'000;
inline constexpr std::size_t kGrantsMax = 64;  ///< Of one token.

/// Reads a file of tokens, one a line, what belongs to it separated by blanks or tabs:
///
///   file    := ( line LF )*
///   line    := [ id hash grant+ [ "expires=" time ] ] [ "#" anything ]
///   id      := 16 hexadecimal digits
///   hash    := "sha256:" salt ":" hash
///   grant   := letters ":" prefix                  rights.h
///   time    := a date, or a time as in RFC 3339    timestamp.h
///
/// A last line without its end is refused: cut off in a prefix, it would grant more than it did.
/// Threads: no state. Errors: invalid_argument, limit_exceeded, naming the line. Its text is not repeated: it may be a
/// token that was put there by mistake, and errors go to the log.
core::Result<std::vector<TokenRecord>> parse_token_file(std::string_view text);

/// The line of a token, without its end.
std::string line_of(const TokenRecord& record);

}  // namespace sconce::proto
