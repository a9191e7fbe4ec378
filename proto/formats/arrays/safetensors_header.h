#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "proto/formats/arrays/array_emitter.h"

namespace sconce::proto {

/// One tensor of a safetensors header. `begin` and `end` count bytes from the end of the header.
struct SafetensorsEntry {
  std::string name;
  ArrayDescriptor form;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t header_offset = 0;  // where in the JSON it ends, for errors
};

struct SafetensorsHeader {
  bool has_metadata = false;
  std::vector<std::pair<std::string, std::string>> metadata;  // in the order of the file
  std::vector<SafetensorsEntry> tensors;                      // in the order of their bytes, which they tile from 0 on
};

/// Reads and checks the JSON of a header. Memory is bounded by its size and `tensors_max`.
/// Threads: no state. Errors: malformed, limit_exceeded, unrepresentable (an unknown type, by name), each with the
/// offset in `json`.
core::Result<SafetensorsHeader> parse_safetensors_header(std::string_view json, std::size_t tensors_max);

}  // namespace sconce::proto
