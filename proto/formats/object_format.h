#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/torch7/format.h"

namespace sconce::proto {

/// The formats in which objects come and go: Torch's own, and those of others.
enum class ObjectFormat : std::uint8_t {
  automatic,  ///< For reading only: one of Torch's, detected from the bytes.
  binary,     ///< `b64` is another name of it.
  ascii,
  b32,
  json,         ///< All that an object holds (docs/json.md).
  plain_json,   ///< For writing only: what people expect of JSON; says less than the object holds.
  npy,          ///< One tensor.
  npz,          ///< A table of tensors.
  safetensors,  ///< An object whose leaves are tensors.
};

/// `binary`, `ascii`, `b32`, `json`, `npy`, `npz`, `safetensors`; of plain_json `plain-json`. Threads: no state.
std::string_view name_of(ObjectFormat format);

/// The format that a client, or a flag, names; `b64` too. `automatic` and `plain-json` are no names.
std::optional<ObjectFormat> object_format_from_name(std::string_view name);

/// All names, for messages: `binary, b64, ascii, …`.
inline constexpr std::string_view kObjectFormatNames = "binary, b64, ascii, b32, json, npy, npz, safetensors";

/// The format of Torch's that it is; nothing for those of others.
std::optional<core::Format> torch_format_of(ObjectFormat format);

}  // namespace sconce::proto
