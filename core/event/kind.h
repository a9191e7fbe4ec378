#pragma once

#include <cstdint>
#include <string_view>

namespace sconce::core {

/// The kinds of Lua values, as Torch has them. Stored outlines hold the numbers of them (core/outline/outline.h).
// As wide as it is so that a Value has no gaps, and is copied as two words.
// NOLINTNEXTLINE(performance-enum-size)
enum class Kind : std::uint32_t { nil, boolean, number, string, table, function, instance, tensor, storage };

/// `nil`, `boolean`, `number`, … Threads: no state.
std::string_view name_of(Kind kind);

}  // namespace sconce::core
