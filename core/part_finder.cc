#include "core/part_finder.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/source_reader.h"
#include "core/tensor.h"

namespace sconce::core {

namespace {

// What an error names of what is there instead.
constexpr std::size_t kNamesMax = 5;

bool same(const PartKey& key, const PathStep& step) {
  return std::visit([&key](const auto& wanted) { return key == PartKey(wanted); }, step);
}

std::string text_of(const PathStep& step) {
  std::string text;
  append_step(text, step);
  return text;
}

/// How many bytes have to be changed, added or taken away. Costs the product of the sizes.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({changed, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row.back();
}

std::optional<PathStep> step_of(const PartKey& key) {
  return std::visit(
      [](const auto& one) -> std::optional<PathStep> {
        if constexpr (std::is_same_v<std::decay_t<decltype(one)>, std::monostate>) return std::nullopt;
        else return PathStep(one);
      },
      key);
}

/// `bias, gradBias, weight and 3 more`: those that are written most alike first.
std::string names_near(FoundPart parent, const PathStep& step) {
  const std::string wanted = text_of(step).substr(0, kPathKeyBytesMax);
  std::vector<std::pair<std::size_t, std::string>> names;
  for (const OutlinePart& part : parent.outline->parts) {
    const auto key =
        &part != &parent.outline->parts[0] && part.parent == parent.number ? step_of(part.key) : std::nullopt;
    if (!key) continue;
    std::string name = text_of(*key);
    const std::size_t distance = edit_distance(wanted, std::string_view(name).substr(0, kPathKeyBytesMax));
    names.emplace_back(distance, std::move(name));
  }
  std::ranges::sort(names);
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamesMax); ++i) text += (i == 0 ? "" : ", ") + names[i].second;
  if (names.size() > kNamesMax) text += " and " + std::to_string(names.size() - kNamesMax) + " more";
  return text;
}

bool holds_parts(PartKind kind) {
  return kind == PartKind::table || kind == PartKind::instance || kind == PartKind::function;
}

/// The root of an outline of what was wanted, as a storage where it lies in a tensor.
OutlinePart storage_part(const OutlinePart& tensor) {
  const StorageExtent& extent = *tensor.storage;
  return {.kind = PartKind::storage,
          .offset_bytes = extent.offset_bytes,
          .size_bytes = tensor.offset_bytes + tensor.size_bytes - extent.offset_bytes,
          .index = extent.index,
          .indices_before = std::max(extent.index, 1) - 1,  // a damaged outline may say anything
          .count = extent.count,
          .tensor_class = tensor.tensor_class,
          .storage = extent};
}

}  // namespace

Result<Outline> scan_outline(ByteSource& source, const ClassLayouts& classes, const OutlineLimits& limits,
                             const OutlineBuilder::Start& start, const OutlineScope& scope) {
  if (start.offset_bytes >= source.size_bytes()) return fail(ErrorCode::corrupt, "an outline points behind its object");
  OutlineBuilder builder(classes, limits, start, scope);
  SourceReader reader(source, start.offset_bytes, builder,
                      {.indices_before = start.indices_before, .pause_at_elements = true, .classes = &classes});
  while (!reader.done() && !builder.satisfied()) {
    if (Status advanced = reader.advance(); !advanced) return std::unexpected(std::move(advanced.error()));
    if (reader.elements_ahead_bytes() == 0) continue;
    builder.pass_over(reader.elements_ahead_bytes());
    if (Status passed = reader.pass_over_elements(); !passed) return std::unexpected(std::move(passed.error()));
  }
  return builder.take();
}

Result<FoundPart> PartFinder::find(const Path& path) {
  FoundPart found = root();
  for (std::size_t i = 0; i <= path.steps.size(); ++i) {
    if (found->kind == PartKind::reference) {
      const Result<FoundPart> referred = definition(found->index);
      if (!referred) return referred;
      found = *referred;
    }
    if (i == path.steps.size()) break;
    Result<FoundPart> child = child_of(found, path.steps[i]);
    if (!child) {
      const Path before{{path.steps.begin(), path.steps.begin() + static_cast<std::ptrdiff_t>(i)}};
      if (child.error().code == ErrorCode::not_found) child.error().path = to_string(before);
      return child;
    }
    found = *child;
  }
  return found;
}

Result<FoundPart> PartFinder::child_of(FoundPart parent, const PathStep& step) {
  if (!holds_parts(parent->kind)) return not_there(parent, step);
  const auto last_in = [&step](const Outline& outline, std::uint32_t of) -> std::optional<FoundPart> {
    for (auto number = static_cast<std::uint32_t>(outline.parts.size()); --number > 0;) {
      if (outline.parts[number].parent == of && same(outline.parts[number].key, step))
        return FoundPart{&outline, number};
    }
    return std::nullopt;
  };
  if (parent->complete) {
    const auto found = last_in(*parent.outline, parent.number);
    return found ? Result<FoundPart>(*found) : not_there(parent, step);
  }
  const Result<const Outline*> scanned = scan(*parent, {OutlineScope::Child{step}});
  if (!scanned) return std::unexpected(scanned.error());
  const auto found = last_in(**scanned, 0);
  return found ? Result<FoundPart>(*found) : not_there(parent, step);
}

std::unexpected<Error> PartFinder::not_there(FoundPart parent, const PathStep& step) const {
  const std::string name = text_of(step);
  if (!holds_parts(parent->kind)) {
    return fail(ErrorCode::not_found, "there is no part " + name + " in what stands here, a " +
                                          std::string(name_of(parent->kind)) + ", which has no parts");
  }
  const std::string names = names_near(parent, step);
  const std::string what = parent->class_name.empty() ? std::string(name_of(parent->kind)) : parent->class_name;
  return fail(ErrorCode::not_found, "there is no part " + name + " in the " + what + " that stands here" +
                                        (names.empty() ? ", which is empty" : "; it has " + names));
}

Result<FoundPart> PartFinder::definition(std::int32_t index) {
  if (definitions_.empty()) remember(outline_);
  const auto known = definitions_.find(index);
  if (known != definitions_.end()) return known->second;
  const Result<const Outline*> scanned = scan(outline_.parts[0], {OutlineScope::Definition{index}});
  if (!scanned) return std::unexpected(scanned.error());
  if ((*scanned)->parts.empty()) {
    return fail(ErrorCode::corrupt, "an object refers to the index " + std::to_string(index) + ", which it lacks");
  }
  remember(**scanned);
  return FoundPart{*scanned, 0};
}

/// Adds what stands in the outline. Storages that stand in a tensor get a part of their own.
void PartFinder::remember(const Outline& outline) {
  Outline storages;
  for (std::uint32_t number = 0; number < outline.parts.size(); ++number) {
    const OutlinePart& part = outline.parts[number];
    if (part.kind != PartKind::reference && part.index != 0)
      definitions_.try_emplace(part.index, FoundPart{&outline, number});
    if (part.kind == PartKind::tensor && part.storage && !part.storage_is_elsewhere) {
      storages.parts.push_back(storage_part(part));
    }
  }
  scanned_.push_back(std::move(storages));
  const Outline& kept = scanned_.back();
  for (std::uint32_t number = 0; number < kept.parts.size(); ++number) {
    definitions_.try_emplace(kept.parts[number].index, FoundPart{&kept, number});
  }
}

Result<const Outline*> PartFinder::scan(const OutlinePart& from, const OutlineScope& scope) {
  if (scanned_.size() >= 2 * kScansMax) {
    return fail(ErrorCode::limit_exceeded,
                "the parts that this asks for stand in more than " + std::to_string(kScansMax) +
                    " places that the outline of the object has no room for; ask for them one by one");
  }
  OutlineLimits limits;
  if (const auto* child = std::get_if<OutlineScope::Child>(&scope.wanted)) {
    const auto* key = std::get_if<std::string>(&child->key);
    if (key != nullptr) limits.key_bytes_max = std::max(limits.key_bytes_max, key->size());
  }
  Result<Outline> outline = scan_outline(source_, classes_, limits, {from.offset_bytes, from.indices_before}, scope);
  if (!outline) return std::unexpected(std::move(outline.error()));
  scanned_.push_back(std::move(*outline));
  return &scanned_.back();
}

Result<TensorView> PartFinder::view_of(const OutlinePart& tensor) {
  TensorView view{.type = tensor.tensor_class.type, .sizes = tensor.sizes, .strides = tensor.strides};
  if (element_count(tensor.sizes) == 0) return view;
  std::optional<StorageExtent> storage = tensor.storage_is_elsewhere ? std::nullopt : tensor.storage;
  if (tensor.storage_is_elsewhere) {
    const Result<FoundPart> definition = this->definition(tensor.storage->index);
    if (!definition) return std::unexpected(definition.error());
    if ((*definition)->tensor_class == tensor.tensor_class) storage = (*definition)->storage;
  }
  const std::uint64_t width = size_bytes_of(view.type);
  if (!storage || storage->count < 0 || storage->elements_offset_bytes > source_.size_bytes() ||
      static_cast<std::uint64_t>(storage->count) > (source_.size_bytes() - storage->elements_offset_bytes) / width ||
      !check_geometry(tensor.sizes, tensor.strides, tensor.storage_offset, storage->count)) {
    return fail(ErrorCode::corrupt, "a tensor's elements do not lie where its outline says");
  }
  if (*element_count(tensor.sizes) > INT64_MAX / static_cast<std::int64_t>(width)) {
    return fail(ErrorCode::limit_exceeded, "the elements of a tensor are more than 2^63 bytes");
  }
  view.first = tensor.storage_offset - 1;
  view.storage_offset_bytes = storage->elements_offset_bytes;
  return view;
}

}  // namespace sconce::core
