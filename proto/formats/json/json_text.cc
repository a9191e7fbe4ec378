#include "proto/formats/json/json_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "core/ascii.h"
#include "core/text/printable.h"

namespace sconce::proto {

namespace {

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

/// `put` takes text, and returns whether it could.
template <class Put>
bool write_escape(Put put, char c) {
  constexpr std::string_view kMeanings = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  if (const std::size_t letter = kMeanings.find(c); letter != std::string_view::npos) {
    const std::array escape{'\\', kLetters[letter]};
    return put(std::string_view(escape.data(), escape.size()));
  }
  const auto [high, low] = core::hex_digits(static_cast<unsigned char>(c));
  const std::array escape{'\\', 'u', '0', '0', high, low};
  return put(std::string_view(escape.data(), escape.size()));
}

template <class Put>
bool write_string(Put put, std::string_view text) {
  if (!put("\"")) return false;
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && !needs_escape(text[plain])) ++plain;
    if (plain > 0 && !put(text.substr(0, plain))) return false;
    text.remove_prefix(plain);
    if (text.empty()) break;
    if (!write_escape(put, text.front())) return false;
    text.remove_prefix(1);
  }
  return put("\"");
}

/// Whether it is the same in a JSON string.
bool is_plain(char byte) { return byte >= 0x20 && byte <= 0x7e && byte != '"' && byte != '\\'; }

}  // namespace

bool write_json_string(core::BufferedWriter& out, std::string_view text) {
  return write_string([&out](std::string_view part) { return out.write(std::as_bytes(std::span(part))); }, text);
}

void append_json_string(std::string& json, std::string_view text) {
  const auto append = [&json](std::string_view part) {
    json += part;
    return true;
  };
  write_string(append, text);
}

void append_printable_string(std::string& json, std::string_view text) {
  if (std::ranges::all_of(text, is_plain)) json.append(1, '"').append(text).append(1, '"');
  else append_json_string(json, core::printable(text));
}

}  // namespace sconce::proto
