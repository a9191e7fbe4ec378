#include "core/lua_number.h"

#include "core/number_text.h"

namespace sconce::core {

bool is_lua_number(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  if (text.empty()) return false;
  const char last = text.back();
  // scan_float swallows an exponent without digits, which strtod and so tonumber leave.
  if (last == '+' || last == '-') return false;
  const bool hex = text.find_first_of("xX") != std::string_view::npos;
  if (!hex && (last == 'e' || last == 'E')) return false;
  if (hex && (last == 'p' || last == 'P')) return false;
  return scan_float<double>(text).size == text.size();
}

}  // namespace sconce::core
