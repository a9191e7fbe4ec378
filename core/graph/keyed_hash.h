#pragma once

#include <cstdint>
#include <string_view>

namespace sconce::core {

/// SipHash-1-3 under a secret that each process draws: who chooses what is hashed cannot make hashes meet. Threads:
/// safe from many.
std::uint64_t keyed_hash(std::string_view bytes);
std::uint64_t keyed_hash(std::uint64_t number);

}  // namespace sconce::core
