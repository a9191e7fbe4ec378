#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sconce::server::api {

/// SHA-256 of both texts, one behind the other, in hexadecimal. A token holds 256 random bits, so there is nothing to
/// guess that a slow hash would make dear (docs/decisions/0030-tokens.md). Threads: no state.
std::string token_hash(std::string_view salt, std::string_view token);

/// Takes the same time wherever they differ. Of texts of different sizes it is false.
bool same_in_constant_time(std::string_view one, std::string_view other);

/// From the system's generator, in hexadecimal. Throws if there is none.
std::string random_hex(std::size_t digits);

}  // namespace sconce::server::api
