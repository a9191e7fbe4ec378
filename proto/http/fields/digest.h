#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proto/http/problem.h"

namespace sconce::proto {

/// The SHA-256 in a Content-Digest or Repr-Digest, in base64; nothing if the field holds only other algorithms.
/// Threads: no state. Errors: bad_header, naming `field`. Source: RFC 9530, sections 2 and 3, and RFC 8941, section
/// 3.2.
HttpResult<std::optional<std::string>> parse_digest(std::string_view text, std::string_view field);

/// Whether a Want-Repr-Digest asks for SHA-256. Errors: bad_header. Source: RFC 9530, section 4.
HttpResult<bool> wants_sha256(std::string_view text);

/// `sha-256=:…:`.
std::string digest_field_of(std::string_view sha256_base64);

}  // namespace sconce::proto
