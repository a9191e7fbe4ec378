#include "core/torch7/format.h"

#include <array>
#include <utility>

namespace sconce::core {

std::string_view name_of(Format format) {
  switch (format) {
    case Format::automatic: return "automatic";
    case Format::ascii: return "ascii";
    case Format::binary: return "binary";
    case Format::b32: return "b32";
    case Format::b64: return "b64";
  }
  std::unreachable();
}

std::optional<Format> format_from_name(std::string_view name) {
  constexpr std::array kAll{Format::automatic, Format::ascii, Format::binary, Format::b32, Format::b64};
  for (const Format format : kAll) {
    if (name_of(format) == name) return format;
  }
  return std::nullopt;
}

}  // namespace sconce::core
