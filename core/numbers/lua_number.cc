#include "core/numbers/lua_number.h"

#include "core/numbers/number_text.h"

namespace sconce::core {

std::optional<double> lua_number_of(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  if (text.empty()) return std::nullopt;
  const char last = text.back();
  // scan_float swallows an exponent without digits, which strtod and so tonumber leave.
  if (last == '+' || last == '-') return std::nullopt;
  const bool hex = text.find_first_of("xX") != std::string_view::npos;
  if (!hex && (last == 'e' || last == 'E')) return std::nullopt;
  if (hex && (last == 'p' || last == 'P')) return std::nullopt;
  const auto scanned = scan_float<double>(text);
  return scanned.size == text.size() ? std::optional(static_cast<double>(scanned.value)) : std::nullopt;
}

bool is_lua_number(std::string_view text) { return lua_number_of(text).has_value(); }

}  // namespace sconce::core
