#include "cli/printing/outline_printer.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/printing/text.h"
#include "cli/printing/tree_lines.h"
#include "core/text/printable.h"

namespace sconce::cli {
namespace {

using core::OutlinePart;
using core::PartKind;

/// What follows the path of the parent in that of a part.
std::string label_below(std::string_view parent, std::string_view path) {
  if (path.starts_with(parent)) path.remove_prefix(parent.size());
  if (path.starts_with('.')) path.remove_prefix(1);
  const auto parsed = core::parse_path(path);
  if (parsed && parsed->steps.size() == 1) return label_of(parsed->steps.front());
  return core::printable(path);
}

std::string storage_of(const OutlinePart& part, std::int32_t index, std::int64_t count) {
  return name_and_index(core::storage_name_of(part.tensor_class), index) + ": " +
         storage_text({.tensor_class = part.tensor_class, .count = count});
}

std::string tensor_of(const OutlinePart& part) {
  return name_and_index(core::tensor_name_of(part.tensor_class), part.index) + ": " +
         tensor_text({.tensor_class = part.tensor_class,
                      .sizes = part.sizes,
                      .strides = part.strides,
                      .offset = part.storage_offset});
}

std::string function_of(const OutlinePart& part) {
  const auto index = part.index == 0 ? std::nullopt : std::optional(part.index);
  return function_text({.tag = 0, .index = index, .size_bytes = static_cast<std::uint64_t>(part.count)});
}

std::string text_of(const OutlinePart& part) {
  switch (part.kind) {
    case PartKind::nil:
    case PartKind::boolean:
    case PartKind::number: return std::string(core::name_of(part.kind));
    case PartKind::string: return "string, " + counted(static_cast<std::uint64_t>(part.count), "byte");
    case PartKind::table: return table_text(part.index, part.count);
    case PartKind::function: return function_of(part);
    case PartKind::instance: return name_and_index(core::printable(part.class_name), part.index);
    case PartKind::tensor: return tensor_of(part);
    case PartKind::storage: return storage_of(part, part.index, part.count);
    case PartKind::reference: return reference_text(part.index);
  }
  std::unreachable();
}

/// Of a sconce.Tensor, what it keeps.
std::string array_text(const proto::OutlineRow& row) {
  if (row.dtype.empty()) return {};
  std::string sizes;
  for (const std::int64_t size : row.part.sizes) sizes += (sizes.empty() ? "" : "x") + std::to_string(size);
  return ": " + (sizes.empty() ? "one" : sizes) + " of " + core::printable(row.dtype);
}

/// What stands under a tensor.
std::string storage_under(const OutlinePart& tensor) {
  if (!tensor.storage) return "storage: nil";
  if (tensor.storage_is_elsewhere) return "storage: " + reference_text(tensor.storage->index);
  return "storage: " + storage_of(tensor, tensor.storage->index, tensor.storage->count);
}

/// Whether a part lies in another one.
bool lies_in(const OutlinePart& part, const OutlinePart& container) {
  return part.offset_bytes < container.offset_bytes + container.size_bytes;
}

}  // namespace

core::Status print_outline(core::ByteSink& out, std::span<const proto::OutlineRow> rows) {
  TreeLines lines(out);
  std::vector<const proto::OutlineRow*> open;  // what the row lies in, from the root inwards
  for (const proto::OutlineRow& row : rows) {
    while (!open.empty() && !lies_in(row.part, open.back()->part)) open.pop_back();
    const std::string label = label_below(open.empty() ? std::string_view() : open.back()->path, row.path);
    lines.begin(open.size());
    if (!label.empty()) lines += label + ": ";
    lines += text_of(row.part) + array_text(row);
    if (!row.part.complete) lines += " (not all of it shown)";
    open.push_back(&row);
    if (row.part.kind == PartKind::tensor) {
      lines.begin(open.size());
      lines += storage_under(row.part);
    }
    if (core::Status passed = lines.pass_on(); !passed) return passed;
  }
  return lines.finish();
}

}  // namespace sconce::cli
