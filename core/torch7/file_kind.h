#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace sconce::core {

/// What input that is in no known format seems to be, by how it begins, and what to do with it: `a gzip file; unpack it
/// first`. Empty if nothing is known of it. For errors only. Lifetime: the text lives as
/// long as the program. Threads: no state.
std::string_view file_kind_of(std::span<const std::byte> begin);

}  // namespace sconce::core
