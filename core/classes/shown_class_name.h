#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sconce::core {

/// Longer names of classes are cut in messages, so that one does not hide what stands next to it.
inline constexpr std::size_t kShownClassNameBytesMax = 128;
inline constexpr std::string_view kEmptyClassName = "(empty name)";
inline constexpr std::string_view kCutClassName = "...";

/// The name as a message shows it. Its bytes are not escaped. Threads: no state.
inline std::string shown_class_name(std::string_view name) {
  if (name.empty()) return std::string(kEmptyClassName);
  if (name.size() <= kShownClassNameBytesMax) return std::string(name);
  return std::string(name.substr(0, kShownClassNameBytesMax)).append(kCutClassName);
}

}  // namespace sconce::core
