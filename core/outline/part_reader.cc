#include "core/outline/part_reader.h"

#include <algorithm>
#include <string>
#include <utility>

namespace sconce::core {

namespace {

// Of an index, in an array that may be half empty, or in a tree.
constexpr std::uint64_t kHeldInOrder = 16;
constexpr std::uint64_t kHeldOutOfOrder = 48;
// Of a reader of what is brought along.
constexpr std::uint64_t kHeldOfALevel = 2048;

bool begins(const Event& event) {
  return std::holds_alternative<event::Table>(event) || std::holds_alternative<event::Instance>(event) ||
         std::holds_alternative<event::Function>(event);
}

/// Of what begins with this event; nothing if that has none.
std::optional<std::int32_t> index_of(const Event& event) {
  if (const auto* table = std::get_if<event::Table>(&event)) return table->index;
  if (const auto* instance = std::get_if<event::Instance>(&event)) return instance->index;
  if (const auto* function = std::get_if<event::Function>(&event)) return function->index;
  return std::nullopt;
}

}  // namespace

PartReader::PartReader(ByteSource& source, PartFinder& finder, const ClassLayouts& classes, const OutlinePart& part,
                       EventSink& sink, const ReadLimits& limits)
    : source_(source),
      finder_(finder),
      classes_(classes),
      sink_(sink),
      limits_(limits),
      incoming_(*this),
      held_(finder.budget()) {
  push(part);
}

void PartReader::push(const OutlinePart& part) {
  const ReadOptions options{
      .limits = limits_, .indices_before = part.indices_before, .pause_at_references = true, .classes = &classes_};
  levels_.push_back({.reader = std::make_unique<SourceReader>(source_, part.offset_bytes, incoming_, options),
                     .held = Held(finder_.budget())});
}

Status PartReader::advance() {
  if (wanted_) return bring_along();
  if (levels_.back().reader->done()) return pop();
  return levels_.back().reader->advance();
}

/// The part that the last reference refers to comes in its place.
Status PartReader::bring_along() {
  const Result<FoundPart> found = finder_.definition(*wanted_);
  if (!found) return std::unexpected(found.error());
  sought_ = std::exchange(wanted_, std::nullopt);
  push(**found);
  return levels_.back().held.add(kHeldOfALevel);
}

Status PartReader::pop() {
  levels_.pop_back();
  if (levels_.empty()) return {};
  for (std::size_t ends = std::exchange(levels_.back().ends, 0); ends > 0; --ends) {
    if (Status taken = emit(event::End{}); !taken) return taken;
  }
  return {};
}

Status PartReader::on_event(const Event& event) {
  if (const auto sought = std::exchange(sought_, std::nullopt); sought && index_of(event) != sought) {
    return fail(ErrorCode::corrupt, "the index " + std::to_string(*sought) + " is not defined where an outline says");
  }
  if (passing_over_ > 0) return pass_over(event);
  if (const auto* reference = std::get_if<event::Reference>(&event)) return refer(*reference);
  if (const auto* table = std::get_if<event::Table>(&event)) return define(*table, tag::kTable);
  if (const auto* instance = std::get_if<event::Instance>(&event)) return define(*instance, tag::kInstance);
  if (const auto* function = std::get_if<event::Function>(&event); function != nullptr && function->index) {
    return define(*function, function->tag);
  }
  if (std::holds_alternative<event::End>(event) && wanted_) {
    levels_.back().ends += 1;
    return {};
  }
  return emit(event);
}

/// What is brought along stands inside what refers to it: a chain of parts, none of them deep, can become one that is.
Status PartReader::emit(const Event& event) {
  if (std::holds_alternative<event::End>(event)) depth_ -= 1;
  if (begins(event) && depth_++ == limits_.depth_max) {
    return fail(ErrorCode::limit_exceeded, "the part, with what it refers to, is more than " +
                                               std::to_string(limits_.depth_max) + " levels deep, the limit depth_max");
  }
  return sink_.on(event);
}

/// An object that was produced already is a reference now.
template <class Definition>
Status PartReader::define(Definition definition, std::int32_t tag) {
  std::int32_t index = 0;
  if constexpr (std::is_same_v<Definition, event::Function>) index = *definition.index;
  else index = definition.index;
  if (const std::int32_t* known = numbers_.find(index)) {
    passing_over_ = 1;
    return sink_.on(event::Reference{.tag = tag, .index = *known});
  }
  if (numbers_.size() == limits_.indices_max) {
    return fail(ErrorCode::limit_exceeded, "the part holds more than " + std::to_string(limits_.indices_max) +
                                               " tables, functions and instances, the limit indices_max");
  }
  definition.index = static_cast<std::int32_t>(numbers_.size() + 1);
  numbers_.insert(index, static_cast<std::int32_t>(numbers_.size() + 1));
  if (Status held = held_.add(index > numbered_max_ ? kHeldInOrder : kHeldOutOfOrder); !held) return held;
  numbered_max_ = std::max(numbered_max_, index);
  return emit(definition);
}

Status PartReader::pass_over(const Event& event) {
  if (Status spent = finder_.budget().spend(1); !spent) return spent;
  if (begins(event)) passing_over_ += 1;
  if (std::holds_alternative<event::End>(event)) passing_over_ -= 1;
  return {};
}

Status PartReader::refer(const event::Reference& reference) {
  if (const std::int32_t* known = numbers_.find(reference.index)) {
    return sink_.on(event::Reference{.tag = reference.tag, .index = *known});
  }
  wanted_ = reference.index;
  return {};
}

}  // namespace sconce::core
