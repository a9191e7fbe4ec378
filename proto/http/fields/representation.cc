#include "proto/http/fields/representation.h"

#include <algorithm>

#include "core/ascii.h"

namespace sconce::proto {

namespace {

constexpr std::string_view kExpanded = "-expanded";
constexpr std::string_view kOutline = "outline";

/// What an entity tag can hold as it is. Source: RFC 9110, section 8.8.3.
bool is_tag_byte(char byte) { return byte > ' ' && byte < '\x7f' && byte != '"' && byte != '%'; }

void append_encoded(std::string& name, std::string_view part) {
  for (const char byte : part) {
    if (is_tag_byte(byte)) {
      name += byte;
      continue;
    }
    name += '%';
    core::append_hex(name, static_cast<unsigned char>(byte), core::HexCase::upper);
  }
}

}  // namespace

std::string name_of(const Representation& representation) {
  std::string name(representation.outline ? kOutline : name_of(representation.format));
  if (!representation.referenced) name += kExpanded;
  name.append(1, '.').append(std::to_string(kWriterVersion));
  if (representation.part.empty()) return name;
  name += '@';
  append_encoded(name, representation.part);
  return name;
}

bool names_representation(std::string_view name) {
  name = name.substr(0, name.find('@'));
  const std::size_t dot = std::min(name.find('.'), name.size());
  const std::string_view version = name.substr(std::min(dot + 1, name.size()));
  if (version.empty() || version.find_first_not_of("0123456789") != std::string_view::npos) return false;
  std::string_view format = name.substr(0, dot);
  if (format.ends_with(kExpanded)) format.remove_suffix(kExpanded.size());
  return format == kOutline || format == name_of(ObjectFormat::plain_json) ||
         (format != core::name_of(core::Format::b64) && object_format_from_name(format));
}

}  // namespace sconce::proto
