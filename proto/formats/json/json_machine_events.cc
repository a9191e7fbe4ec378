// What the machine emits of a form once its members have come, and what it says when it fails.

#include <limits>

#include "core/numbers/lua_number.h"
#include "core/text/quote.h"
#include "proto/formats/json/json_machine.h"

namespace sconce::proto {

namespace event = core::event;

namespace {

bool can_be_referred_to(std::int32_t tag) {
  return tag == core::tag::kTable || tag == core::tag::kInstance || tag == core::tag::kFunctionWithValues ||
         tag == core::tag::kFunction;
}

/// What a reader of Torch's formats takes for a version.
bool is_version(std::string_view text) { return text.starts_with("V ") && core::is_lua_number(text.substr(2)); }

/// More elements cannot be counted in bytes.
constexpr std::int64_t kCountMax = std::numeric_limits<std::int64_t>::max() / 8;

}  // namespace

/// Emits the event of a form once all has come that it says.
core::Status JsonMachine::announce() {
  const std::size_t member = top().member;
  switch (top().form) {
    case JsonObjectKind::boolean: return announce_boolean();
    case JsonObjectKind::table: return member == 1 ? announce_table() : core::Status();
    case JsonObjectKind::function: return member == 2 ? announce_function() : core::Status();
    case JsonObjectKind::instance: return member == 2 ? announce_instance() : core::Status();
    case JsonObjectKind::tensor:
    case JsonObjectKind::storage:
      if (member == 2) return announce_instance();
      if (member == 3 && top().form == JsonObjectKind::storage) return announce_array();
      return member == 5 ? announce_tensor() : core::Status();
    case JsonObjectKind::scalars: return member == 1 ? announce_array() : core::Status();
    case JsonObjectKind::bytes: return member == 0 ? announce_bytes() : core::Status();
    default: break;
  }
  return {};
}

core::Status JsonMachine::announce_boolean() {
  const event::Boolean boolean{static_cast<std::int32_t>(integer_)};
  if (core::KeyLabel* key = key_of_value(depth_ - 1)) key->set_boolean(boolean.value());
  return emit(boolean);
}

core::Status JsonMachine::announce_table() {
  top().pairs_left = integer_ > 0 ? static_cast<std::uint64_t>(integer_) : 0;
  if (core::Status status = define(*index_); !status) return status;
  return emit(event::Table{.index = *index_, .count = static_cast<std::int32_t>(integer_)});
}

core::Status JsonMachine::announce_function() {
  const bool has_no_index = tag_ == core::tag::kFunctionWithoutIndex;
  if (!has_no_index && tag_ != core::tag::kFunctionWithValues && tag_ != core::tag::kFunction) {
    return malformed("expected a function's tag, 6, 7 or 8, and it is " + std::to_string(tag_));
  }
  if (has_no_index == index_.has_value())
    return malformed("expected null as the index of a function with the tag 6, and of no other");
  if (core::Status status = index_ ? define(*index_) : core::Status(); !status) return status;
  if (core::Status status = announce_bytes(); !status) return status;
  is_streamed_ = true;
  return emit(event::Function{.tag = tag_, .index = index_, .size_bytes = size_});
}

core::Status JsonMachine::announce_instance() {
  const auto tensor = core::tensor_class_from_name(name_);
  const auto storage = core::storage_class_from_name(name_);
  const JsonObjectKind form = tensor    ? JsonObjectKind::tensor
                              : storage ? JsonObjectKind::storage
                                        : JsonObjectKind::instance;
  if (form != top().form) {
    return malformed(core::in_backticks(name_) + " is written as `" + std::string(members_of(form).front().name) +
                     "`, and `" + std::string(members_of(top().form).front().name) + "` stands there");
  }
  if (form != JsonObjectKind::instance) tensor_class_ = tensor ? *tensor : *storage;
  if (version_ ? !is_version(*version_) : is_version(name_)) {
    return malformed("expected a version as `V 1`, and a name that is none, and " +
                     core::in_backticks(version_.value_or(name_)) + " stands there");
  }
  if (core::Status status = define(*index_); !status) return status;
  return emit(event::Instance{.index = *index_, .header = {.version = version_, .name = name_}});
}

core::Status JsonMachine::announce_tensor() {
  if (sizes_.size() != strides_.size()) {
    return malformed("expected as many strides as sizes, and there are " + std::to_string(strides_.size()) + " and " +
                     std::to_string(sizes_.size()));
  }
  return emit(event::Tensor{.tensor_class = tensor_class_, .sizes = sizes_, .strides = strides_, .offset = integer_});
}

core::Status JsonMachine::announce_array() {
  if (integer_ > kCountMax) return malformed("more elements than can be: " + std::to_string(integer_));
  size_ = left_ = static_cast<std::uint64_t>(integer_);
  if (top().form == JsonObjectKind::scalars) return emit(event::Scalars{.type = type_, .count = integer_});
  type_ = tensor_class_.type;
  return emit(event::Storage{.tensor_class = tensor_class_, .count = integer_});
}

core::Status JsonMachine::announce_bytes() {
  const std::uint64_t max = top().is_name ? limits_.class_name_bytes_max : limits_.string_bytes_max;
  size_ = left_ = static_cast<std::uint64_t>(integer_);
  if (size_ > max) {
    return fail(core::ErrorCode::limit_exceeded, std::to_string(size_) + " bytes are more than the limit " +
                                                     (top().is_name ? "class_name_bytes_max" : "string_bytes_max") +
                                                     " of " + std::to_string(max));
  }
  text_.clear();
  is_streamed_ = top().form == JsonObjectKind::bytes && !top().is_name && size_ > core::kInlineStringBytesMax;
  if (!is_streamed_) return {};
  if (core::KeyLabel* key = key_of_value(depth_ - 1)) key->begin_string();
  return emit(event::String{.size_bytes = size_, .bytes = {}});
}

core::Status JsonMachine::define(std::int32_t index) {
  if (core::KeyLabel* key = key_of_value(depth_ - 1)) key->set_index(index);
  if (!defined_.insert(index))
    return malformed("expected an index that is new, and " + std::to_string(index) + " has been given before");
  if (defined_.kept() <= limits_.indices_max) return {};
  return fail(core::ErrorCode::limit_exceeded,
              "more indices to remember than the limit indices_max of " + std::to_string(limits_.indices_max) +
                  "; indices 1, 2, 3, … in the order of the bytes, as Torch writes them, need not be");
}

core::Status JsonMachine::refer() {
  if (core::KeyLabel* key = key_of_value(depth_)) key->set_index(*index_);
  if (!can_be_referred_to(tag_))
    return malformed("expected the tag of a reference, 3, 4, 7 or 8, and it is " + std::to_string(tag_));
  if (!defined_.contains(*index_))
    return malformed("expected an index that has been given, and " + std::to_string(*index_) + " has not");
  return emit(event::Reference{.tag = tag_, .index = *index_});
}

/// The label of the key that a value is, which stands directly in the frames up to `depth`; null if it is none.
core::KeyLabel* JsonMachine::key_of_value(std::size_t depth) {
  if (depth == 0) return nullptr;
  JsonFrame& frame = frames_[depth - 1];
  return frame.where == Where::pair && frame.parts == 0 ? &frame.key : nullptr;
}

core::Status JsonMachine::emit(const core::Event& event) {
  core::Status status = sink_.on(event);
  if (!status && !status.error().path) status.error().path = path();
  return status;
}

core::Status JsonMachine::fail(core::ErrorCode code, std::string what) {
  return std::unexpected(core::Error{.code = code, .what = std::move(what), .path = path()});
}

std::string JsonMachine::path() const {
  return core::path_through(std::span(frames_).first(depth_), [](const JsonFrame& frame) { return frame.key.step(); });
}

}  // namespace sconce::proto
