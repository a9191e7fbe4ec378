#include "proto/formats/arrays/tensor_of_part.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include "core/exact_integer.h"
#include "core/graph/tensor.h"
#include "core/limits.h"
#include "core/little_endian.h"
#include "core/numbers/lua_number.h"
#include "core/text/article.h"
#include "proto/formats/arrays/array_emitter.h"

namespace sconce::proto {

namespace {

using core::ErrorCode;
using core::FoundPart;
using core::Outline;
using core::OutlinePart;
using core::PartKind;
using core::Result;

// A string of the metadata.
constexpr std::int64_t kStringBytesMax = 1 << 20;
// More than the name of any dtype. Stops names of 1 MiB from being read for each row of an outline.
constexpr std::int64_t kDtypeBytesMax = 64;

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
  const auto value = core::load_little_endian<double>(bytes->data());
  if (value >= 0 && value < core::kExactIntegerMax && std::trunc(value) == value)
    return static_cast<std::int64_t>(value);
  return core::fail(ErrorCode::unrepresentable, "a size of a " + std::string(kExtensionClass) + " is no size");
}

// Parts that are passed over cost a step for each of so many.
constexpr std::uint64_t kPartsOfAStep = 8;
// A number that is read from its place in the object.
constexpr std::uint64_t kStepsOfANumber = 16;

/// How many parts stand in one, at any depth.
std::uint32_t parts_in(FoundPart part) {
  const auto& parts = part.outline->parts;
  std::uint32_t number = part.number + 1;
  while (number < parts.size() && parts[number].parent >= part.number) ++number;
  return number - part.number - 1;
}

/// The fields of a sconce.Tensor; null numbers where one is missing.
struct ExtensionFields {
  std::uint32_t dtype = 0;
  std::uint32_t shape = 0;
  std::uint32_t data = 0;
};

ExtensionFields fields_of(FoundPart part) {
  ExtensionFields fields;
  const auto& parts = part.outline->parts;
  for (std::uint32_t number = part.number + parts_in(part); number > part.number; --number) {
    if (parts[number].parent != part.number) continue;
    const auto* const name = std::get_if<std::string>(&parts[number].key);
    if (name == nullptr) continue;
    if (*name == "dtype") fields.dtype = number;
    if (*name == "shape") fields.shape = number;
    if (*name == "data") fields.data = number;
  }
  return fields;
}

/// The numbers under the keys 1..n of a table that has n pairs. Errors: unrepresentable.
Result<std::vector<std::int64_t>> read_sizes(core::ObjectParts& object, FoundPart table) {
  const auto& parts = table.outline->parts;
  std::vector<std::optional<std::int64_t>> sizes(static_cast<std::size_t>(table->count));
  for (std::uint32_t number = table.number + 1; number <= table.number + parts_in(table); ++number) {
    const auto* const key = std::get_if<double>(&parts[number].key);
    const bool is_size = parts[number].parent == table.number && parts[number].kind == PartKind::number;
    if (!is_size || key == nullptr || !(*key >= 1 && *key <= static_cast<double>(sizes.size()))) continue;
    const Result<std::int64_t> size = read_size(object.source(), parts[number]);
    if (!size) return std::unexpected(size.error());
    sizes[static_cast<std::size_t>(*key) - 1] = *size;
  }
  std::vector<std::int64_t> all;
  for (const auto& size : sizes) {
    if (!size)
      return core::fail(ErrorCode::unrepresentable, "a size of a " + std::string(kExtensionClass) + " is missing");
    all.push_back(*size);
  }
  return all;
}

Result<NamedTensor> extension_leaf(core::ObjectParts& object, FoundPart part) {
  const auto wrong = [] {
    return core::fail(ErrorCode::unrepresentable, "this " + std::string(kExtensionClass) +
                                                      " has not the fields dtype, shape and data that it should have");
  };
  const std::uint32_t count_in = parts_in(part);
  if (core::Status spent = object.budget().spend(kStepsOfANumber * count_in); !spent) {
    return std::unexpected(std::move(spent.error()));
  }
  const ExtensionFields fields = fields_of(part);
  if (fields.dtype == 0 || fields.shape == 0 || fields.data == 0) return wrong();
  const auto& parts = part.outline->parts;
  const OutlinePart& data = parts[fields.data];
  const FoundPart shape{part.outline, fields.shape};
  if (parts[fields.dtype].kind != PartKind::string || shape->kind != PartKind::table) return wrong();
  if (parts[fields.dtype].count > kDtypeBytesMax) return wrong();
  const Result<std::string> text = read_string(object.source(), parts[fields.dtype]);
  if (!text) return std::unexpected(text.error());
  const auto dtype = dtype_from_name(*text);
  if (!dtype || data.kind != PartKind::tensor || data.tensor_class.type != carrier_of(*dtype)) return wrong();
  if (shape->count < 0 || shape->count > core::ReadLimits().dimensions_max) return wrong();
  auto sizes = read_sizes(object, shape);
  if (!sizes) return std::unexpected(std::move(sizes.error()));
  NamedTensor leaf{.name = {}, .dtype = *dtype, .shape = std::move(*sizes), .elements = {}};
  Result<core::TensorView> view = object.finder().view_of(data);
  if (!view) return std::unexpected(std::move(view.error()));
  leaf.elements = std::move(*view);
  const auto size_bytes = size_bytes_of(ArrayDescriptor{.dtype = *dtype, .shape = leaf.shape});
  if (!size_bytes || leaf.elements.size_bytes() != *size_bytes) return wrong();
  return leaf;
}

/// The version of an instance, whose first string is either that or the name of its class.
Result<std::optional<std::string>> read_version(core::ByteSource& source, const OutlinePart& instance) {
  constexpr std::uint64_t kTagAndIndexBytes = 8;
  const std::uint64_t begin = instance.offset_bytes + kTagAndIndexBytes;
  const Result<std::string> length = read_bytes(source, begin, sizeof(std::int32_t));
  if (!length) return std::unexpected(length.error());
  const auto size = core::load_little_endian<std::int32_t>(length->data());
  if (size < 0) return core::fail(ErrorCode::corrupt, "an outline names an instance where there is none");
  Result<std::string> text = read_bytes(source, begin + sizeof size, static_cast<std::uint64_t>(size));
  if (!text) return std::unexpected(std::move(text.error()));
  if (!text->starts_with("V ") || !core::is_lua_number(std::string_view(*text).substr(2))) return std::nullopt;
  return std::move(*text);
}

/// Whether the operation `at` reads a count that the parts say as well: once, and of objects or pairs.
bool is_count_of_parts(const core::ClassLayout& layout, std::size_t at) {
  if (!layout.ops[at].is_count) return false;
  bool counts_objects = false;
  for (std::size_t i = 0; i < layout.ops.size(); ++i) {
    const core::LayoutOp& op = layout.ops[i];
    const bool holds_it = op.kind == core::LayoutOp::Kind::group && i < at && at <= i + op.group_ops;
    if (holds_it) return false;
    counts_objects = counts_objects || (op.kind != core::LayoutOp::Kind::scalars && op.count.from == at);
  }
  return counts_objects;
}

}  // namespace

Result<std::optional<NamedTensor>> kept_array_in(core::ObjectParts& object, FoundPart part) {
  const auto inside = std::span(part.outline->parts).subspan(part.number, parts_in(part) + 1);
  if (!std::ranges::all_of(inside, &OutlinePart::complete)) return std::nullopt;
  Result<NamedTensor> array = extension_leaf(object, part);
  if (!array && array.error().code == ErrorCode::unrepresentable) return std::nullopt;
  if (!array) return std::unexpected(std::move(array.error()));
  return std::move(*array);
}

Result<std::optional<core::ElementType>> payload_scalars(core::ObjectParts& object, const OutlinePart& instance) {
  if (core::Status spent = object.budget().spend(kStepsOfANumber); !spent) {
    return std::unexpected(std::move(spent.error()));
  }
  const auto version = read_version(object.source(), instance);
  if (!version) return std::unexpected(version.error());
  const core::ClassLayout* const layout = object.classes().find(instance.class_name, *version);
  if (layout == nullptr) return std::nullopt;
  std::optional<std::size_t> count;  // the one that need not be said: two could not be told from one
  for (std::size_t at = 0; at < layout->ops.size(); ++at) {
    if (layout->ops[at].kind != core::LayoutOp::Kind::scalars) continue;
    if (count || !is_count_of_parts(*layout, at)) return layout->ops[at].type;
    count = at;
  }
  return std::nullopt;
}

Result<FoundPart> WholeParts::whole(FoundPart part) {
  const auto known = known_.find(part->offset_bytes);
  if (known != known_.end()) return known->second;
  const Result<FoundPart> found = find_whole(part);
  if (found) known_.emplace(part->offset_bytes, *found);
  return found;
}

Result<FoundPart> WholeParts::find_whole(FoundPart part) {
  const auto& parts = part.outline->parts;
  const std::uint32_t count = parts_in(part);
  if (core::Status spent = object_.budget().spend(1 + count / kPartsOfAStep); !spent) {
    return std::unexpected(std::move(spent.error()));
  }
  const auto inside = std::span(parts).subspan(part.number, count + 1);
  if (std::ranges::all_of(inside, &OutlinePart::complete)) return part;
  constexpr core::OutlineLimits kLimits{.parts_max = kLeafPartsMax,
                                        .children_max = kLeafPartsMax,
                                        .shallow_depth = 2,
                                        .key_bytes_max = 64 << 10,
                                        .bytes_max = std::size_t{64} << 20};
  Result<Outline> outline = core::scan_outline(object_.source(), object_.classes(), object_.budget(), kLimits,
                                               {part->offset_bytes, part->indices_before});
  if (!outline) return std::unexpected(std::move(outline.error()));
  const bool fits = std::ranges::all_of(outline->parts, &OutlinePart::complete);
  if (!fits) {
    return core::fail(ErrorCode::limit_exceeded, "the object has more than " + std::to_string(kLeafPartsMax) +
                                                     " parts, the most that this format is written of; ask for some of "
                                                     "them with `path`");
  }
  if (core::Status held = held_.add(core::held_bytes_of(*outline)); !held) {
    return std::unexpected(std::move(held.error()));
  }
  scanned_.push_back(std::move(*outline));
  return FoundPart{&scanned_.back(), 0};
}

Result<std::string> read_string(core::ByteSource& source, const OutlinePart& string) {
  if (string.count > kStringBytesMax) {
    return core::fail(ErrorCode::limit_exceeded,
                      "a string has more than " + std::to_string(kStringBytesMax) + " bytes, too many for this format");
  }
  constexpr std::uint64_t kTagAndLengthBytes = 8;
  return read_bytes(source, string.offset_bytes + kTagAndLengthBytes, static_cast<std::uint64_t>(string.count));
}

Result<NamedTensor> tensor_of_part(core::ObjectParts& object, FoundPart part, WholeParts& parts) {
  if (part->class_name == kExtensionClass) {
    const Result<FoundPart> whole = parts.whole(part);
    if (!whole) return std::unexpected(whole.error());
    return extension_leaf(object, *whole);
  }
  if (part->kind != PartKind::tensor) {
    return core::fail(ErrorCode::unrepresentable, "this format holds one tensor, and this part is " +
                                                      core::with_article(core::name_of(part->kind)));
  }
  Result<core::TensorView> view = object.finder().view_of(*part);
  if (!view) return std::unexpected(std::move(view.error()));
  NamedTensor leaf{.name = {}, .dtype = dtype_of(view->type), .shape = view->sizes, .elements = {}};
  if (leaf.shape.empty()) leaf.shape = {0};
  leaf.elements = std::move(*view);
  return leaf;
}

}  // namespace sconce::proto
