#include "proto/tensor_leaves.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <deque>
#include <optional>

#include "core/path.h"
#include "core/tensor.h"
#include "proto/safetensors.h"

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

std::unexpected<core::Error> unsayable(std::string what, std::string path) {
  return std::unexpected(core::Error{
      .code = ErrorCode::unrepresentable, .what = std::move(what), .offset = std::nullopt, .path = std::move(path)});
}

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

/// The name of a key in a joined name; nothing where it has none.
std::optional<std::string> name_of(const core::PartKey& key) {
  if (const auto* text = std::get_if<std::string>(&key)) return *text;
  if (const auto* boolean = std::get_if<bool>(&key)) return *boolean ? "true" : "false";
  const auto* number = std::get_if<double>(&key);
  if (number == nullptr) return std::nullopt;
  if (std::abs(*number) < 0x1p53 && std::trunc(*number) == *number)
    return std::to_string(static_cast<std::int64_t>(*number));
  return std::to_string(*number);
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

/// Collects the leaves of an object. A container that is referred to again is entered again.
class LeafCollector {
 public:
  explicit LeafCollector(core::ObjectParts& object) : object_(object) {}

  Result<TensorLeaves> collect(FoundPart root) {
    const Result<FoundPart> whole = completed(root);
    if (!whole) return std::unexpected(whole.error());
    root_ = *whole;
    if (core::Status entered = enter(*whole, "", core::Path{}); !entered) return std::unexpected(entered.error());
    while (!open_.empty()) {
      if (core::Status advanced = advance(); !advanced) return std::unexpected(std::move(advanced.error()));
    }
    return std::move(result_);
  }

 private:
  /// A container whose children are being taken, and what their names begin with.
  struct Open {
    FoundPart container;
    std::uint32_t next;  // to be looked at
    std::string prefix;
    core::Path path;
  };

  /// A leaf becomes one of the result; a container is opened.
  core::Status enter(FoundPart part, std::string name, core::Path path) {
    if (part->kind == PartKind::reference) {
      const Result<FoundPart> referred = object_.finder().definition(part->index);
      if (!referred) return std::unexpected(referred.error());
      const Result<FoundPart> whole = completed(*referred);
      if (!whole) return std::unexpected(whole.error());
      part = *whole;
    }
    if (is_tensor_leaf(*part)) {
      Result<TensorLeaf> leaf = tensor_leaf(object_, part);
      if (!leaf) {
        leaf.error().path = core::to_string(path);
        return std::unexpected(std::move(leaf.error()));
      }
      return add(std::move(*leaf), std::move(name));
    }
    if (part->kind != PartKind::table && part->kind != PartKind::instance) {
      return unsayable("this format holds tensors, and this part is a " + std::string(core::name_of(part->kind)),
                       core::to_string(path));
    }
    const bool is_open =
        std::ranges::any_of(open_, [&](const Open& open) { return open.container->index == part->index; });
    if (is_open) return unsayable("the object contains itself, which this format cannot say", core::to_string(path));
    open_.push_back({part, part.number + 1, std::move(name), std::move(path)});
    return {};
  }

  /// Takes the next child of the innermost container.
  core::Status advance() {
    Open& open = open_.back();
    const auto& parts = open.container.outline->parts;
    while (open.next < parts.size() && parts[open.next].parent > open.container.number) open.next += 1;
    if (open.next >= parts.size() || parts[open.next].parent != open.container.number) {
      open_.pop_back();
      return {};
    }
    const FoundPart child{open.container.outline, open.next++};
    core::Path path = open.path;
    const auto name = name_of(child->key);
    if (!name)
      return unsayable("this format names parts by text, and a part in here has no name of text", to_string(path));
    std::visit(
        [&path](const auto& key) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(key)>, std::monostate>) path.steps.emplace_back(key);
        },
        child->key);
    const bool in_root = open.container.outline == root_.outline && open.container.number == root_.number;
    if (in_root && *name == kSafetensorsMetadataKey && child->kind == PartKind::table) return take_metadata(child);
    std::string full = open.prefix.empty() ? *name : open.prefix + '.' + *name;
    return enter(child, std::move(full), std::move(path));
  }

  core::Status add(TensorLeaf leaf, std::string name) {
    if (result_.leaves.size() == kLeavesMax) {
      return core::fail(ErrorCode::limit_exceeded,
                        "the object has more than " + std::to_string(kLeavesMax) + " tensors");
    }
    leaf.name = std::move(name);
    result_.leaves.push_back(std::move(leaf));
    return {};
  }

  core::Status take_metadata(FoundPart table) {
    const auto& parts = table.outline->parts;
    for (std::uint32_t number = table.number + 1; number < parts.size() && parts[number].parent == table.number;
         ++number) {
      const auto name = name_of(parts[number].key);
      if (!name || parts[number].kind != PartKind::string) {
        return unsayable("the metadata of this format are strings by name", std::string(kSafetensorsMetadataKey));
      }
      Result<std::string> text = read_string(object_.source(), parts[number]);
      if (!text) return std::unexpected(std::move(text.error()));
      result_.metadata.emplace_back(*name, std::move(*text));
    }
    return {};
  }

  /// The same part in an outline that has room for all of it.
  Result<FoundPart> completed(FoundPart part) {
    const auto& parts = part.outline->parts;
    bool complete = part->complete;
    for (std::uint32_t number = part.number + 1; number < parts.size() && parts[number].parent >= part.number;
         ++number) {
      complete = complete && parts[number].complete;
    }
    if (complete) return part;
    constexpr core::OutlineLimits kLimits{.parts_max = 2 * kLeavesMax,
                                          .children_max = 2 * kLeavesMax,
                                          .shallow_depth = 2,
                                          .key_bytes_max = 64 << 10,
                                          .bytes_max = std::size_t{64} << 20};
    Result<Outline> outline =
        core::scan_outline(object_.source(), object_.classes(), kLimits, {part->offset_bytes, part->indices_before});
    if (!outline) return std::unexpected(std::move(outline.error()));
    const bool fits = std::ranges::all_of(outline->parts, &OutlinePart::complete);
    if (!fits) return core::fail(ErrorCode::limit_exceeded, "the object has more parts than this format is written of");
    scanned_.push_back(std::move(*outline));
    return FoundPart{&scanned_.back(), 0};
  }

  core::ObjectParts& object_;
  FoundPart root_;
  std::deque<Outline> scanned_;
  std::vector<Open> open_;
  TensorLeaves result_;
};

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

Result<std::string> read_string(core::ByteSource& source, const OutlinePart& string) {
  if (string.count > kStringBytesMax) {
    return core::fail(ErrorCode::limit_exceeded,
                      "a string has more than " + std::to_string(kStringBytesMax) + " bytes, too many for this format");
  }
  constexpr std::uint64_t kTagAndLengthBytes = 8;
  return read_bytes(source, string.offset_bytes + kTagAndLengthBytes, static_cast<std::uint64_t>(string.count));
}

Result<TensorLeaf> tensor_leaf(core::ObjectParts& object, FoundPart part) {
  if (part->class_name == kExtensionClass) return extension_leaf(object, part);
  if (part->kind != PartKind::tensor) {
    return unsayable("this format holds one tensor, and this part is a " + std::string(core::name_of(part->kind)), "");
  }
  Result<core::TensorView> view = object.finder().view_of(*part);
  if (!view) return std::unexpected(std::move(view.error()));
  TensorLeaf leaf{.name = {}, .dtype = dtype_of(view->type), .shape = view->sizes, .elements = {}};
  if (leaf.shape.empty()) leaf.shape = {0};
  leaf.elements = std::move(*view);
  return leaf;
}

Result<TensorLeaves> tensor_leaves(core::ObjectParts& object, FoundPart root) {
  return LeafCollector(object).collect(root);
}

}  // namespace sconce::proto
