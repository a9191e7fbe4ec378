#include "proto/formats/json/outline_json.h"

#include <span>
#include <utility>
#include <vector>

#include "proto/formats/dtype.h"
#include "proto/formats/json/json_text.h"

namespace sconce::proto {

namespace {

using core::OutlinePart;
using core::PartKind;

void append_number(std::string& json, std::string_view name, std::int64_t number) {
  json.append(",\"").append(name).append("\":").append(std::to_string(number));
}

void append_text(std::string& json, std::string_view name, std::string_view text) {
  json.append(",\"").append(name).append("\":");
  append_printable_string(json, text);
}

void append_numbers(std::string& json, std::string_view name, std::span<const std::int64_t> numbers) {
  json.append(",\"").append(name).append("\":[");
  for (std::size_t i = 0; i < numbers.size(); ++i) json.append(i == 0 ? "" : ",").append(std::to_string(numbers[i]));
  json += ']';
}

void append_storage(std::string& json, const OutlinePart& part) {
  if (!part.storage) return;
  json += ",\"storage\":{\"index\":" + std::to_string(part.storage->index);
  if (!part.storage_is_elsewhere) {
    append_number(json, "elements", part.storage->count);
    append_number(json, "at", static_cast<std::int64_t>(part.storage->elements_offset_bytes));
  }
  json += '}';
}

void append_tensor(std::string& json, const OutlinePart& part) {
  const bool is_tensor = part.kind == PartKind::tensor;
  append_text(json, "class",
              is_tensor ? core::tensor_name_of(part.tensor_class) : core::storage_name_of(part.tensor_class));
  append_text(json, "type", core::name_of(part.tensor_class.type));
  if (!is_tensor) return append_number(json, "elements", part.count);
  append_numbers(json, "sizes", part.sizes);
  append_numbers(json, "strides", part.strides);
  append_number(json, "offset", part.storage_offset);
  append_storage(json, part);
}

/// What is particular to the part's kind.
void append_details(std::string& json, const OutlinePart& part) {
  switch (part.kind) {
    case PartKind::nil:
    case PartKind::boolean:
    case PartKind::number: return;
    case PartKind::reference: return append_number(json, "same_as", part.index);
    case PartKind::string: return append_number(json, "length", part.count);
    case PartKind::function: return append_number(json, "code_bytes", part.count);
    case PartKind::table: return append_number(json, "entries", part.count);
    case PartKind::instance: return append_text(json, "class", part.class_name);
    case PartKind::tensor:
    case PartKind::storage: return append_tensor(json, part);
  }
  std::unreachable();
}

/// Whether `array_of` is to be asked about it.
bool may_keep_array(const OutlinePart& part) {
  return part.kind == PartKind::instance && part.class_name == kExtensionClass;
}

void append_part(std::string& json, std::string_view path, const OutlinePart& part,
                 const std::optional<ToldArray>& array) {
  json += "{\"path\":";
  append_printable_string(json, path);
  append_text(json, "kind", name_of(part.kind));
  append_details(json, part);
  if (array) {
    append_text(json, "dtype", array->dtype);
    append_numbers(json, "sizes", array->sizes);
  }
  if (part.index != 0 && part.kind != PartKind::reference) append_number(json, "index", part.index);
  append_number(json, "at", static_cast<std::int64_t>(part.offset_bytes));
  append_number(json, "bytes", static_cast<std::int64_t>(part.size_bytes));
  if (!part.complete) json += ",\"complete\":false";
  json += '}';
}

/// The path of a part, from that of what holds it.
std::string path_below(const std::string& parent, const core::PartKey& key) {
  std::string path = parent;
  std::visit(
      [&path](const auto& one) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(one)>, std::monostate>) {
          core::append_step(path, core::PathStep(one), SIZE_MAX);
        }
      },
      key);
  return path;
}

}  // namespace

core::Result<std::string> outline_json(core::FoundPart start, const OutlineRequest& request,
                                       const ArrayOfPart& array_of) {
  struct Level {
    std::uint32_t number;
    std::string path;
  };
  const auto& parts = start.outline->parts;
  std::vector<Level> levels;
  std::string json = "[";
  for (std::uint32_t number = start.number; number < parts.size(); ++number) {
    const OutlinePart& part = parts[number];
    std::string path;
    if (number == start.number) {
      for (const core::PathStep& step : request.path.steps) core::append_step(path, step, SIZE_MAX);
    } else {
      if (part.parent < start.number) break;
      while (levels.back().number > part.parent) levels.pop_back();
      // A parent that is not there was itself too deep.
      if (levels.back().number < part.parent || levels.size() > request.depth) continue;
      path = path_below(levels.back().path, part.key);
    }
    core::Result<std::optional<ToldArray>> array = std::nullopt;
    if (array_of && may_keep_array(part)) array = array_of({start.outline, number});
    if (!array) return std::unexpected(std::move(array.error()));
    if (json.size() > 1) json += ",\n";
    append_part(json, path, part, *array);
    if (json.size() > kOutlineBytesMax) {
      return core::fail(core::ErrorCode::limit_exceeded,
                        "the outline has more than " + std::to_string(kOutlineBytesMax) +
                            " bytes; ask for fewer levels with `depth`, or for a part of it with `path`");
    }
    levels.push_back({number, std::move(path)});
  }
  return json + "]\n";
}

}  // namespace sconce::proto
