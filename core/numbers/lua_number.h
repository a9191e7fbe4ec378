#pragma once

#include <optional>
#include <string_view>

namespace sconce::core {

/// Whether Lua's tonumber accepts `text`: a decimal or hexadecimal number, white space around it. Threads: no state.
bool is_lua_number(std::string_view text);

/// The number that tonumber makes of it.
std::optional<double> lua_number_of(std::string_view text);

}  // namespace sconce::core
