#include "proto/stored_leaf.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "core/limits.h"
#include "core/tensor.h"

namespace sconce::proto {

namespace {

using core::ErrorCode;
using core::FoundPart;
using core::Outline;
using core::OutlinePart;
using core::PartKind;
using core::Result;

// A string of the metadata, or the name of a dtype.
constexpr std::int64_t kStringBytesMax = 1 << 20;

/// Reads exactly these bytes.
Result<std::string> read_bytes(core::ByteSource& source, std::uint64_t offset, std::uint64_t size) {
  if (offset > source.size_bytes() || size > source.size_bytes() - offset) {
    return core::fail(ErrorCode::corrupt, "an outline points behind its object");
  }
  std::string bytes;
  while (bytes.size() < size) {
    const auto piece = source.read(offset + bytes.size(), size - bytes.size());
    if (!piece) return std::unexpected(piece.error());
    bytes.append(reinterpret_cast<const char*>(piece->data()), piece->size());
  }
  return bytes;
}

Result<std::int64_t> read_size(core::ByteSource& source, const OutlinePart& number) {
  const Result<std::string> bytes = read_bytes(source, number.offset_bytes + 4, sizeof(double));
  if (!bytes) return std::unexpected(bytes.error());
  double value = 0;
  std::memcpy(&value, bytes->data(), sizeof value);
  if (value >= 0 && value < 0x1p53 && std::trunc(value) == value) return static_cast<std::int64_t>(value);
  return core::fail(ErrorCode::unrepresentable, "a size of a " + std::string(kExtensionClass) + " is no size");
}

/// The parts that stand directly in one, by name.
std::optional<FoundPart> child_named(FoundPart parent, const core::PartKey& key) {
  const auto& parts = parent.outline->parts;
  for (std::uint32_t number = parent.number + 1; number < parts.size() && parts[number].parent >= parent.number;
       ++number) {
    if (parts[number].parent == parent.number && parts[number].key == key) return FoundPart{parent.outline, number};
  }
  return std::nullopt;
}

Result<TensorLeaf> extension_leaf(core::ObjectParts& object, FoundPart part) {
  const auto wrong = [] {
    return core::fail(ErrorCode::unrepresentable, "this " + std::string(kExtensionClass) +
                                                      " has not the fields dtype, shape and data that it should have");
  };
  const auto name = child_named(part, "dtype");
  const auto shape = child_named(part, "shape");
  const auto data = child_named(part, "data");
  if (!name || (*name)->kind != PartKind::string || !shape || (*shape)->kind != PartKind::table || !data)
    return wrong();
  const Result<std::string> text = read_string(object.source(), **name);
  if (!text) return std::unexpected(text.error());
  const auto dtype = dtype_from_name(*text);
  if (!dtype || (*data)->kind != PartKind::tensor || (*data)->tensor_class.type != carrier_of(*dtype)) return wrong();
  // Each size is looked for among the parts of its table.
  if ((*shape)->count > core::ReadLimits().dimensions_max) return wrong();
  TensorLeaf leaf{.name = {}, .dtype = *dtype, .shape = {}, .elements = {}};
  for (std::int64_t i = 1; i <= (*shape)->count; ++i) {
    const auto number = child_named(*shape, static_cast<double>(i));
    if (!number || (*number)->kind != PartKind::number) return wrong();
    const Result<std::int64_t> size = read_size(object.source(), **number);
    if (!size) return std::unexpected(size.error());
    leaf.shape.push_back(*size);
  }
  Result<core::TensorView> view = object.finder().view_of(**data);
  if (!view) return std::unexpected(std::move(view.error()));
  leaf.elements = std::move(*view);
  const auto count = leaf.shape.empty() ? std::optional<std::int64_t>(1) : core::element_count(leaf.shape);
  const auto width = static_cast<std::int64_t>(size_bytes_of(*dtype));
  if (!count || leaf.elements.size_bytes() / static_cast<std::uint64_t>(width) != static_cast<std::uint64_t>(*count)) {
    return wrong();
  }
  return leaf;
}

}  // namespace

Result<FoundPart> completed(core::ObjectParts& object, FoundPart part, std::deque<Outline>& scanned) {
  const auto& parts = part.outline->parts;
  bool complete = part->complete;
  for (std::uint32_t number = part.number + 1; number < parts.size() && parts[number].parent >= part.number; ++number) {
    complete = complete && parts[number].complete;
  }
  if (complete) return part;
  constexpr core::OutlineLimits kLimits{.parts_max = kLeafPartsMax,
                                        .children_max = kLeafPartsMax,
                                        .shallow_depth = 2,
                                        .key_bytes_max = 64 << 10,
                                        .bytes_max = std::size_t{64} << 20};
  Result<Outline> outline =
      core::scan_outline(object.source(), object.classes(), kLimits, {part->offset_bytes, part->indices_before});
  if (!outline) return std::unexpected(std::move(outline.error()));
  const bool fits = std::ranges::all_of(outline->parts, &OutlinePart::complete);
  if (!fits) return core::fail(ErrorCode::limit_exceeded, "the object has more parts than this format is written of");
  scanned.push_back(std::move(*outline));
  return FoundPart{&scanned.back(), 0};
}

Result<std::string> read_string(core::ByteSource& source, const OutlinePart& string) {
  if (string.count > kStringBytesMax) {
    return core::fail(ErrorCode::limit_exceeded,
                      "a string has more than " + std::to_string(kStringBytesMax) + " bytes, too many for this format");
  }
  constexpr std::uint64_t kTagAndLengthBytes = 8;
  return read_bytes(source, string.offset_bytes + kTagAndLengthBytes, static_cast<std::uint64_t>(string.count));
}

Result<TensorLeaf> tensor_leaf(core::ObjectParts& object, FoundPart part) {
  if (part->class_name == kExtensionClass) {
    std::deque<Outline> scanned;
    const Result<FoundPart> whole = completed(object, part, scanned);
    if (!whole) return std::unexpected(whole.error());
    return extension_leaf(object, *whole);
  }
  if (part->kind != PartKind::tensor) {
    return core::fail(ErrorCode::unrepresentable,
                      "this format holds one tensor, and this part is a " + std::string(core::name_of(part->kind)));
  }
  Result<core::TensorView> view = object.finder().view_of(*part);
  if (!view) return std::unexpected(std::move(view.error()));
  TensorLeaf leaf{.name = {}, .dtype = dtype_of(view->type), .shape = view->sizes, .elements = {}};
  if (leaf.shape.empty()) leaf.shape = {0};
  leaf.elements = std::move(*view);
  return leaf;
}

}  // namespace sconce::proto
