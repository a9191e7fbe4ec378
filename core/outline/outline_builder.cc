#include "core/outline/outline_builder.h"

#include <utility>

#include "core/outline/canonical_size.h"

namespace sconce::core {

namespace {

std::size_t text_bytes_of(const PartKey& key) {
  const auto* text = std::get_if<std::string>(&key);
  return text == nullptr ? 0 : text->size();
}

bool same(const PartKey& key, const PathStep& step) {
  return std::visit([&key](const auto& wanted) { return key == PartKey(wanted); }, step);
}

}  // namespace

OutlineBuilder::OutlineBuilder(const ClassLayouts& classes, const OutlineLimits& limits)
    : OutlineBuilder(classes, limits, {}, {}) {}

OutlineBuilder::OutlineBuilder(const ClassLayouts& classes, const OutlineLimits& limits, const Start& start,
                               OutlineScope scope)
    : classes_(classes),
      limits_(limits),
      scope_(std::move(scope)),
      position_(start.offset_bytes),
      last_index_(start.indices_before) {}

Status OutlineBuilder::on(const Event& event) {
  begin_ = position_;
  event_count_ += 1;
  indices_before_ = last_index_;
  position_ += std::visit(CanonicalSize{}, event);
  std::visit([this](const auto& one) { apply(one); }, event);
  return {};
}

Outline OutlineBuilder::take() { return std::move(outline_); }

void OutlineBuilder::apply(const event::Nil&) {
  const bool is_storage = !frames_.empty() && frames_.back().kind == Frame::Kind::tensor;
  if (!is_storage) add_leaf(PartKind::nil);
}

void OutlineBuilder::apply(const event::Number& number) {
  if (!frames_.empty() && frames_.back().payload) frames_.back().payload->number(number.value);
  if (is_key()) return take_key(number.value);
  add_leaf(PartKind::number);
}

void OutlineBuilder::apply(const event::Boolean& boolean) {
  if (is_key()) return take_key(boolean.value());
  add_leaf(PartKind::boolean);
}

void OutlineBuilder::apply(const event::String& string) {
  const bool key = is_key();
  string_ = key ? std::string(string.bytes.substr(0, limits_.key_bytes_max + 1)) : std::string();
  string_left_ = string.size_bytes - string.bytes.size();
  if (!key) {
    string_part_ = add_part(PartKind::string, 0);
    if (string_part_ != kNoPart) outline_.parts[string_part_].count = static_cast<std::int64_t>(string.size_bytes);
  }
  if (string_left_ == 0) string_done();
}

void OutlineBuilder::apply(const event::Bytes& bytes) {
  if (code_left_ > 0) {
    code_left_ -= bytes.bytes.size();
    return;
  }
  if (is_key()) string_ += bytes.bytes.substr(0, limits_.key_bytes_max + 1 - string_.size());
  string_left_ -= bytes.bytes.size();
  if (string_left_ == 0) string_done();
}

void OutlineBuilder::string_done() {
  if (is_key()) return take_key(std::move(string_));
  if (string_part_ != kNoPart) {
    OutlinePart& part = outline_.parts[string_part_];
    part.size_bytes = position_ - part.offset_bytes;
  }
  value_done();
}

void OutlineBuilder::apply(const event::Reference& reference) {
  if (!frames_.empty() && frames_.back().kind == Frame::Kind::tensor) {
    if (OutlinePart* tensor = part_of(frames_.back())) {
      tensor->storage = StorageExtent{.index = reference.index};
      tensor->storage_is_elsewhere = true;
    }
    return;
  }
  if (is_key()) return take_key(KeyIndex{reference.index});
  if (OutlinePart* part = add_leaf(PartKind::reference)) part->index = reference.index;
}

void OutlineBuilder::apply(const event::Table& table) {
  define(table.index);
  Frame frame{.kind = Frame::Kind::table, .index = table.index};
  frame.at_key = true;
  const bool sought = is_sought(table.index);
  if (!sought && is_field_table()) {
    frame.part = frames_.back().part;
    if (OutlinePart* part = part_of(frame); part != nullptr && part->kind == PartKind::instance)
      part->count = table.count;
  } else {
    frame.part = !sought && is_key() ? kNoPart : add_part(PartKind::table, table.index);
    frame.owns_part = true;
    if (OutlinePart* part = part_of(frame)) part->count = table.count;
  }
  frames_.push_back(std::move(frame));
}

void OutlineBuilder::apply(const event::Function& function) {
  if (function.index) define(*function.index);
  Frame frame{.kind = Frame::Kind::function, .owns_part = true, .index = function.index.value_or(0)};
  if (is_sought(frame.index) || !is_key()) frame.part = add_part(PartKind::function, frame.index);
  if (OutlinePart* part = part_of(frame)) part->count = static_cast<std::int64_t>(function.size_bytes);
  code_left_ = function.size_bytes;
  frames_.push_back(std::move(frame));
}

void OutlineBuilder::apply(const event::Instance& instance) {
  define(instance.index);
  Frame frame{.kind = Frame::Kind::instance, .owns_part = true, .index = instance.index, .offset_bytes = begin_};
  const bool in_tensor = !frames_.empty() && frames_.back().kind == Frame::Kind::tensor;
  if (is_sought(instance.index) || (!is_key() && !in_tensor)) {
    frame.part = add_part(PartKind::instance, instance.index);
  }
  if (OutlinePart* part = part_of(frame)) {
    part->class_name = instance.header.name;
    text_bytes_ += part->class_name.size();
  }
  if (const ClassLayout* layout = classes_.find(instance.header.name, instance.header.version))
    frame.payload.emplace(*layout);
  frames_.push_back(std::move(frame));
}

void OutlineBuilder::apply(const event::Tensor& tensor) {
  Frame& frame = frames_.back();
  frame.kind = Frame::Kind::tensor;
  OutlinePart* part = part_of(frame);
  if (part == nullptr) return;
  part->kind = PartKind::tensor;
  part->class_name.clear();
  part->tensor_class = tensor.tensor_class;
  part->sizes.assign(tensor.sizes.begin(), tensor.sizes.end());
  part->strides.assign(tensor.strides.begin(), tensor.strides.end());
  part->storage_offset = tensor.offset;
  text_bytes_ += 16 * tensor.sizes.size();
}

void OutlineBuilder::apply(const event::Storage& storage) {
  Frame& frame = frames_.back();
  frame.kind = Frame::Kind::storage;
  const StorageExtent extent{.index = frame.index,
                             .count = storage.count,
                             .offset_bytes = frame.offset_bytes,
                             .elements_offset_bytes = position_};
  if (OutlinePart* part = part_of(frame)) {
    part->kind = PartKind::storage;
    part->class_name.clear();
    part->tensor_class = storage.tensor_class;
    part->count = storage.count;
    part->storage = extent;
  }
  const bool in_tensor = frames_.size() > 1 && frames_[frames_.size() - 2].kind == Frame::Kind::tensor;
  if (!in_tensor) return;
  if (OutlinePart* tensor = part_of(frames_[frames_.size() - 2])) tensor->storage = extent;
}

void OutlineBuilder::apply(const event::Scalars&) {
  if (frames_.back().payload) frames_.back().payload->scalars();
}

void OutlineBuilder::apply(const event::Elements& elements) {
  if (frames_.back().payload) frames_.back().payload->elements(elements.type, elements.bytes);
}

void OutlineBuilder::apply(const event::End&) {
  const Frame frame = std::move(frames_.back());
  frames_.pop_back();
  OutlinePart* part = frame.owns_part ? part_of(frame) : nullptr;
  if (part != nullptr) {
    part->size_bytes = position_ - part->offset_bytes;
    if (frame.part == 0) satisfied_ = true;
  }
  if (!frames_.empty() && frames_.back().kind == Frame::Kind::tensor) return;
  if (is_key()) return take_key(KeyIndex{frame.index});
  value_done();
}

/// Whether the object that begins, or has just ended, is a key.
bool OutlineBuilder::is_key() {
  if (frames_.empty()) return false;
  Frame& frame = frames_.back();
  if (frame.kind == Frame::Kind::table) return frame.at_key;
  return frame.payload && frame.kind == Frame::Kind::instance &&
         frame.payload->next_object() == DeclaredPayload::Place::key;
}

void OutlineBuilder::take_key(PartKey key) {
  Frame& frame = frames_.back();
  frame.key = std::move(key);
  frame.at_key = false;
  if (frame.payload) frame.payload->object_done();
}

/// A value is complete: what follows in its container.
void OutlineBuilder::value_done() {
  if (frames_.empty()) return;
  Frame& frame = frames_.back();
  frame.key = {};
  frame.at_key = frame.kind == Frame::Kind::table;
  if (frame.payload) frame.payload->object_done();
}

/// Whether a table that begins now holds the fields of a class, or the upvalues of a function.
bool OutlineBuilder::is_field_table() {
  if (frames_.empty()) return false;
  Frame& frame = frames_.back();
  if (frame.kind == Frame::Kind::function) return true;
  if (frame.kind != Frame::Kind::instance) return false;
  return !frame.payload || frame.payload->next_object() == DeclaredPayload::Place::single;
}

OutlinePart* OutlineBuilder::add_leaf(PartKind kind) {
  const std::uint32_t number = add_part(kind, 0);
  if (number != kNoPart) outline_.parts[number].size_bytes = position_ - begin_;
  value_done();
  return number == kNoPart ? nullptr : &outline_.parts[number];
}

/// Adds the part that begins with this event, under the container that is open, if it is wanted and there is room.
std::uint32_t OutlineBuilder::add_part(PartKind kind, std::int32_t index) {
  Frame* const parent = frames_.empty() ? nullptr : &frames_.back();
  PartKey key = parent == nullptr ? PartKey() : parent->key;
  if (parent != nullptr && parent->payload && parent->payload->next_object() == DeclaredPayload::Place::listed) {
    key = static_cast<double>(parent->payload->position());
  }
  if (!is_wanted(key, index)) {
    const bool is_known = parent != nullptr && parent->part != kNoPart;
    if (is_known && std::holds_alternative<OutlineScope::Children>(scope_.wanted)) {
      outline_.parts[parent->part].complete = false;
    }
    return kNoPart;
  }
  if (!has_room(parent, key)) return kNoPart;
  text_bytes_ += text_bytes_of(key);
  if (parent != nullptr) parent->children += 1;
  const std::uint32_t above = parent == nullptr || outline_.parts.empty() ? 0 : parent->part;
  if (outline_.parts.empty()) key = {};
  outline_.parts.push_back({.parent = above,
                            .key = std::move(key),
                            .kind = kind,
                            .offset_bytes = begin_,
                            .index = index,
                            .indices_before = indices_before_});
  return static_cast<std::uint32_t>(outline_.parts.size() - 1);
}

/// Whether it is the definition that is wanted, which then is a part wherever it stands: as a key, as the table of a
/// class's fields, in a tensor.
bool OutlineBuilder::is_sought(std::int32_t index) const {
  const auto* definition = std::get_if<OutlineScope::Definition>(&scope_.wanted);
  return definition != nullptr && outline_.parts.empty() && index == definition->index && index != 0;
}

bool OutlineBuilder::is_wanted(const PartKey& key, std::int32_t index) const {
  if (const auto* child = std::get_if<OutlineScope::Child>(&scope_.wanted)) {
    const bool is_child = !frames_.empty() && frames_.back().part == 0;
    return !is_child || same(key, child->key);
  }
  if (std::holds_alternative<OutlineScope::Definition>(scope_.wanted)) {
    return outline_.parts.empty() ? is_sought(index) : !satisfied_;
  }
  if (std::holds_alternative<OutlineScope::Children>(scope_.wanted)) return frames_.empty() || frames_.back().part == 0;
  return std::holds_alternative<OutlineScope::Everything>(scope_.wanted) || outline_.parts.empty();
}

/// Whether another part may be kept under `parent`; if not, the parent is no longer complete.
bool OutlineBuilder::has_room(Frame* parent, const PartKey& key) {
  if (outline_.parts.empty()) return true;
  if (parent == nullptr || parent->part == kNoPart) return false;
  const std::size_t deep_max = limits_.parts_max - limits_.parts_max / 4;
  const std::size_t parts_max = frames_.size() > limits_.shallow_depth ? deep_max : limits_.parts_max;
  const std::size_t key_bytes = text_bytes_of(key);
  if (parent->children < limits_.children_max && outline_.parts.size() < parts_max &&
      key_bytes <= limits_.key_bytes_max && text_bytes_ + key_bytes <= limits_.bytes_max) {
    return true;
  }
  outline_.parts[parent->part].complete = false;
  return false;
}

void OutlineBuilder::define(std::int32_t index) {
  if (last_index_ == INT32_MAX || index != last_index_ + 1) outline_.in_order = false;
  last_index_ = index;
  const auto* definitions = std::get_if<OutlineScope::Definitions>(&scope_.wanted);
  if (definitions != nullptr && definitions->offsets_bytes->size() < definitions->count_max) {
    definitions->offsets_bytes->push_back(begin_);
  }
}

}  // namespace sconce::core
