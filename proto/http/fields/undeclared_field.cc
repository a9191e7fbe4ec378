#include "proto/http/fields/undeclared_field.h"

#include <cstdint>
#include <string_view>

#include "core/ascii.h"
#include "core/classes/shown_class_name.h"

namespace sconce::proto {

namespace {

constexpr std::string_view kMore = "...";

std::string encoded(std::string_view name) {
  if (name.empty()) return std::string(core::kEmptyClassName);
  if (name.size() > core::kShownClassNameBytesMax) {
    return encoded(name.substr(0, core::kShownClassNameBytesMax)).append(core::kCutClassName);
  }
  std::string text;
  for (const char c : name) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                          c == '-' || c == '_' || c == ':';
    if (is_plain) {
      text += c;
      continue;
    }
    text += '%';
    core::append_hex(text, static_cast<unsigned char>(c), core::HexCase::upper);
  }
  return text;
}

}  // namespace

std::string undeclared_field_of(const core::UndeclaredClasses& classes) {
  constexpr std::string_view kSeparator = ", ";
  constexpr std::size_t kNamesBytesMax = kUndeclaredFieldBytesMax - kSeparator.size() - kMore.size();
  std::string value;
  bool more = classes.more();
  for (const std::string& each : classes.names()) {
    const std::string name = encoded(each);
    const std::string_view separator = value.empty() ? std::string_view() : kSeparator;
    if (value.size() + separator.size() + name.size() > kNamesBytesMax) {
      more = true;
      break;
    }
    value.append(separator).append(name);
  }
  if (more) value.append(value.empty() ? std::string_view() : kSeparator).append(kMore);
  return value;
}

}  // namespace sconce::proto
