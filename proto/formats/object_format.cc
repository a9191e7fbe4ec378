#include "proto/formats/object_format.h"

#include <utility>

namespace sconce::proto {

std::string_view name_of(ObjectFormat format) {
  switch (format) {
    case ObjectFormat::automatic: return "automatic";
    case ObjectFormat::binary: return "binary";
    case ObjectFormat::ascii: return "ascii";
    case ObjectFormat::b32: return "b32";
    case ObjectFormat::json: return "json";
    case ObjectFormat::plain_json: return "plain-json";
    case ObjectFormat::npy: return "npy";
    case ObjectFormat::npz: return "npz";
    case ObjectFormat::safetensors: return "safetensors";
  }
  std::unreachable();
}

std::optional<ObjectFormat> object_format_from_name(std::string_view name) {
  constexpr ObjectFormat kNamed[] = {ObjectFormat::binary,     ObjectFormat::ascii, ObjectFormat::b32,
                                     ObjectFormat::json,       ObjectFormat::npy,   ObjectFormat::npz,
                                     ObjectFormat::safetensors};
  if (name == core::name_of(core::Format::b64)) return ObjectFormat::binary;
  for (const ObjectFormat format : kNamed) {
    if (name_of(format) == name) return format;
  }
  return std::nullopt;
}

std::optional<core::Format> torch_format_of(ObjectFormat format) {
  switch (format) {
    case ObjectFormat::automatic: return core::Format::automatic;
    case ObjectFormat::binary: return core::Format::binary;
    case ObjectFormat::ascii: return core::Format::ascii;
    case ObjectFormat::b32: return core::Format::b32;
    case ObjectFormat::json:
    case ObjectFormat::plain_json:
    case ObjectFormat::npy:
    case ObjectFormat::npz:
    case ObjectFormat::safetensors: return std::nullopt;
  }
  std::unreachable();
}

}  // namespace sconce::proto
