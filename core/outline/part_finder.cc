#include "core/outline/part_finder.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/event/geometry.h"
#include "core/outline/part_names.h"
#include "core/outline/source_reader.h"

namespace sconce::core {

namespace {

// How often something is sought before it is indexed.
constexpr std::size_t kSoughtBySearch = 8;
constexpr std::size_t kSoughtByReading = 2;
// Bytes that are read cost a step for each of so many; a part that is searched, for each of so many.
constexpr std::uint64_t kBytesOfAStep = 64;
constexpr std::uint64_t kPartsOfAStep = 8;
// About, with its place in the maps.
constexpr std::uint64_t kHeldOfADefinition = 64;

// Of all children of one container.
constexpr OutlineLimits kChildrenLimits{.parts_max = 200'000,
                                        .children_max = 200'000,
                                        .shallow_depth = 2,
                                        .key_bytes_max = 64 << 10,
                                        .bytes_max = std::size_t{16} << 20};
// Of one part that is read: small ones are held whole, and large ones are read again if something in them is sought.
constexpr OutlineLimits kPartLimits{.parts_max = 256, .children_max = 256};
constexpr std::size_t kDefinitionOffsetsMax = std::size_t{1} << 22;

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

Result<Outline> scan_outline(ByteSource& source, const ClassLayouts& classes, Budget& budget,
                             const OutlineLimits& limits, const OutlineBuilder::Start& start,
                             const OutlineScope& scope) {
  if (start.offset_bytes >= source.size_bytes()) return fail(ErrorCode::corrupt, "an outline points behind its object");
  OutlineBuilder builder(classes, limits, start, scope);
  SourceReader reader(source, start.offset_bytes, builder,
                      {.indices_before = start.indices_before, .pause_at_elements = true, .classes = &classes});
  while (!reader.done() && !builder.satisfied()) {
    const std::uint64_t events = builder.event_count();
    const std::uint64_t position = reader.position();
    if (Status advanced = reader.advance(); !advanced) return std::unexpected(std::move(advanced.error()));
    const std::uint64_t steps = builder.event_count() - events + (reader.position() - position) / kBytesOfAStep;
    if (Status spent = budget.spend(1 + steps); !spent) return std::unexpected(std::move(spent.error()));
    if (reader.elements_ahead_bytes() == 0) continue;
    builder.pass_over(reader.elements_ahead_bytes());
    if (Status passed = reader.pass_over_elements(); !passed) return std::unexpected(std::move(passed.error()));
  }
  return builder.take();
}

std::uint64_t held_bytes_of(const Outline& outline) {
  std::uint64_t bytes = sizeof(Outline) + outline.parts.capacity() * sizeof(OutlinePart);
  for (const OutlinePart& part : outline.parts) {
    const auto* const name = std::get_if<std::string>(&part.key);
    bytes += part.class_name.size() + (name == nullptr ? 0 : name->size());
    bytes += (part.sizes.capacity() + part.strides.capacity()) * sizeof(std::int64_t);
  }
  return bytes;
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
  if (!parent->complete) return child_by_reading(parent, step);
  const auto found = last_in(*parent.outline, parent.number, step);
  if (!found) return std::unexpected(found.error());
  return *found ? Result<FoundPart>(**found) : not_there(parent, step);
}

/// What the outline has no room for. The first ones are read one by one, which takes no memory.
Result<FoundPart> PartFinder::child_by_reading(FoundPart parent, const PathStep& step) {
  const OutlineBuilder::Start start{parent->offset_bytes, parent->indices_before};
  Container& container = containers_[parent->offset_bytes];
  if (container.children == nullptr && ++container.count > kSoughtByReading) {
    const Result<const Outline*> all = scan(start, {OutlineScope::Children{}}, kChildrenLimits);
    if (!all) return std::unexpected(all.error());
    container.children = *all;
  }
  if (container.children != nullptr) {
    // Of equal keys the last counts: where not all are there, it may not be.
    const FoundPart whole{container.children, 0};
    if (whole->complete) return child_of(whole, step);
  }
  OutlineLimits limits = kPartLimits;
  const auto* key = std::get_if<std::string>(&step);
  if (key != nullptr) limits.key_bytes_max = std::max(limits.key_bytes_max, key->size());
  const Result<const Outline*> scanned = scan(start, {OutlineScope::Child{step}}, limits);
  if (!scanned) return std::unexpected(scanned.error());
  const auto found = last_in(**scanned, 0, step);
  if (!found) return std::unexpected(found.error());
  return *found ? Result<FoundPart>(**found) : not_there(parent, step);
}

Result<std::optional<FoundPart>> PartFinder::last_in(const Outline& outline, std::uint32_t parent,
                                                     const PathStep& step) {
  Searched& searched = searched_[&outline];
  if (searched.index == nullptr) {
    if (Status spent = budget_.spend(1 + outline.parts.size() / kPartsOfAStep); !spent) {
      return std::unexpected(std::move(spent.error()));
    }
    if (++searched.count > kSoughtBySearch) {
      if (Status held = held_.add(outline.parts.size() * sizeof(std::uint32_t)); !held) {
        return std::unexpected(std::move(held.error()));
      }
      searched.index = std::make_unique<OutlineIndex>(outline);
    }
  }
  if (Status spent = budget_.spend(1); !spent) return std::unexpected(std::move(spent.error()));
  const auto number =
      searched.index == nullptr ? last_child_of(outline, parent, step) : searched.index->last_child(parent, step);
  if (!number) return std::optional<FoundPart>();
  return std::optional(FoundPart{&outline, *number});
}

std::unexpected<Error> PartFinder::not_there(FoundPart parent, const PathStep& step) const {
  const std::string name = text_of(step);
  if (!holds_parts(parent->kind)) {
    return fail(ErrorCode::not_found, "there is no part " + name + " in what stands here, a " +
                                          std::string(name_of(parent->kind)) + ", which has no parts");
  }
  const std::string names = names_near(parent, step, budget_);
  const std::string what = parent->class_name.empty() ? std::string(name_of(parent->kind)) : parent->class_name;
  return fail(ErrorCode::not_found,
              "there is no part " + name + " in the " + what + " that stands here" +
                  (names.empty() ? (parent->count == 0 ? ", which is empty" : "") : "; it has " + names));
}

Result<FoundPart> PartFinder::definition(std::int32_t index) {
  if (definitions_.empty()) {
    if (Status remembered = remember(outline_); !remembered) return std::unexpected(std::move(remembered.error()));
  }
  if (Status spent = budget_.spend(1); !spent) return std::unexpected(std::move(spent.error()));
  const auto known = definitions_.find(index);
  if (known != definitions_.end()) return known->second;
  const Result<const Outline*> scanned = definition_by_reading(index);
  if (!scanned) return std::unexpected(scanned.error());
  if ((*scanned)->parts.empty()) {
    return fail(ErrorCode::corrupt, "an object refers to the index " + std::to_string(index) + ", which it lacks");
  }
  if (Status remembered = remember(**scanned); !remembered) return std::unexpected(std::move(remembered.error()));
  return FoundPart{*scanned, 0};
}

/// The first ones are sought from the begin of the object, which takes no memory.
Result<const Outline*> PartFinder::definition_by_reading(std::int32_t index) {
  const OutlineScope scope{OutlineScope::Definition{index}};
  const OutlinePart& root = outline_.parts[0];
  OutlineBuilder::Start start{root.offset_bytes, root.indices_before};
  if (++definitions_read_ == kSoughtByReading + 1) {
    if (Status found = find_definitions(); !found) return std::unexpected(std::move(found.error()));
  }
  const auto place = static_cast<std::uint64_t>(index) - 1;
  if (index > 0 && place < definition_offsets_bytes_.size()) start = {definition_offsets_bytes_[place], index - 1};
  return scan(start, scope, kPartLimits);
}

/// An object that is in order has its indices in the order of its bytes.
Status PartFinder::find_definitions() {
  const OutlinePart& root = outline_.parts[0];
  const OutlineScope scope{OutlineScope::Definitions{&definition_offsets_bytes_, kDefinitionOffsetsMax}};
  if (const auto scanned = scan({root.offset_bytes, root.indices_before}, scope, {}); !scanned) {
    return std::unexpected(scanned.error());
  }
  return held_.add(definition_offsets_bytes_.capacity() * sizeof(std::uint64_t));
}

/// Adds what stands in the outline. Storages that stand in a tensor get a part of their own.
Status PartFinder::remember(const Outline& outline) {
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
  if (Status spent = budget_.spend(outline.parts.size()); !spent) return spent;
  return held_.add(held_bytes_of(kept) + (outline.parts.size() + kept.parts.size()) * kHeldOfADefinition);
}

Result<const Outline*> PartFinder::scan(const OutlineBuilder::Start& from, const OutlineScope& scope,
                                        const OutlineLimits& limits) {
  Result<Outline> outline = scan_outline(source_, classes_, budget_, limits, from, scope);
  if (!outline) return std::unexpected(std::move(outline.error()));
  if (Status held = held_.add(held_bytes_of(*outline)); !held) return std::unexpected(std::move(held.error()));
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
