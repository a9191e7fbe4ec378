#pragma once

#include <cstddef>
#include <string_view>

namespace sconce::proto {

/// The name after the last slash. Threads: no state, in all of these.
constexpr std::string_view base_name(std::string_view name) { return name.substr(name.rfind('/') + 1); }

/// What macOS writes beside a file for its attributes, `._NAME`, begins so. Source: RFC 1740, appendix B.
constexpr bool is_apple_double(std::string_view begin) {
  return begin.starts_with(std::string_view("\0\x05\x16\x07", 4));
}

/// Whether macOS may have added the file with that name, for attributes or for the look of a folder.
constexpr bool has_macos_name(std::string_view name) {
  return base_name(name).starts_with("._") || base_name(name) == ".DS_Store";
}

/// Whether such a file, which begins so, is macOS's: no object has these marks. `begin` has kMacosMarkBytes, or is all.
constexpr bool has_macos_mark(std::string_view begin) {
  return is_apple_double(begin) || begin.starts_with(std::string_view("\0\0\0\1Bud1", 8));
}
inline constexpr std::size_t kMacosMarkBytes = 8;

}  // namespace sconce::proto
