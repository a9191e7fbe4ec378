// Strings, numbers and words: what stands in the places that json_machine.cc finds.

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/text/quote.h"
#include "proto/formats/json/json_machine.h"
#include "proto/formats/json/json_numbers.h"

namespace sconce::proto {

namespace event = core::event;

namespace {

/// Elements are emitted so many bytes at a time, and decoded bytes as well.
constexpr std::size_t kBatchBytes = std::size_t{32} * 1024;

/// Characters of the longest text that means a number, or the name of a type.
constexpr std::size_t kWordBytesMax = 32;

std::optional<core::ElementType> element_type_from_name(std::string_view name) {
  using Type = core::ElementType;
  for (const Type type : {Type::u8, Type::i8, Type::i16, Type::i32, Type::i64, Type::f16, Type::f32, Type::f64}) {
    if (core::name_of(type) == name) return type;
  }
  return std::nullopt;
}

}  // namespace

/// What may stand here, for an error.
std::string_view JsonMachine::expectation() const {
  if (takes_object()) return "an object";
  if (top().where == Where::pair) return "no more than two in a pair";
  if (top().where == Where::value) return describe(take());
  switch (take()) {
    case JsonValueKind::pieces: return "a string of base64";
    case JsonValueKind::longs: return "an integer";
    case JsonValueKind::elements: return "an element";
    default: return "a pair";
  }
}

core::Status JsonMachine::misplaced(std::string_view what) {
  return malformed("expected " + std::string(expectation()) + ", and " + std::string(what) + " stands there");
}

/// Whether a string may stand here that is taken whole.
bool JsonMachine::takes_text() const {
  if (takes_object()) return true;
  if (top().where == Where::list) return take() == JsonValueKind::elements;
  if (top().where != Where::value) return false;
  const JsonValueKind here = take();
  return here == JsonValueKind::name || here == JsonValueKind::name_or_null || here == JsonValueKind::non_finite ||
         here == JsonValueKind::element_type;
}

std::size_t JsonMachine::text_bytes_max() const {
  if (takes_object()) return core::kInlineStringBytesMax;
  const JsonValueKind here = take();
  return here == JsonValueKind::name || here == JsonValueKind::name_or_null ? limits_.class_name_bytes_max
                                                                            : kWordBytesMax;
}

core::Status JsonMachine::on_text(std::string_view part, bool is_last) {
  if (!takes_text()) {
    const bool in_pieces = top().where == Where::list && take() == JsonValueKind::pieces;
    return in_pieces ? take_base64(part, is_last) : misplaced("a string");
  }
  const std::size_t max = text_bytes_max();
  if (text_.size() + part.size() > max) {
    return fail(core::ErrorCode::limit_exceeded,
                "a string is longer than the " + std::to_string(max) + " bytes that can stand here" +
                    (takes_object() ? R"(; write it as {"bytes":…,"base64":[…]})" : ""));
  }
  text_ += part;
  return is_last ? take_text() : core::Status();
}

core::Status JsonMachine::take_text() {
  if (takes_object()) {
    core::Status status = take_string();
    text_.clear();
    return status ? value_done() : status;
  }
  const std::string text = std::exchange(text_, {});
  switch (take()) {
    case JsonValueKind::elements: return take_element(text, true);
    case JsonValueKind::non_finite: return take_non_finite(text);
    case JsonValueKind::element_type: {
      const auto type = element_type_from_name(text);
      if (!type) return misplaced(core::in_backticks(text));
      type_ = *type;
      return member_done();
    }
    default: return take_name(text);
  }
}

core::Status JsonMachine::take_non_finite(std::string_view text) {
  double number = 0;
  auto* const to = reinterpret_cast<std::byte*>(&number);
  if (read_json_non_finite(core::ElementType::f64, text, to) != NumberRead::done)
    return misplaced(core::in_backticks(text));
  if (core::KeyLabel* key = key_of_value(depth_ - 1)) key->set_number(number);
  if (core::Status status = emit(event::Number{number}); !status) return status;
  return member_done();
}

/// `text_` is a string that is an object of its own.
core::Status JsonMachine::take_string() {
  if (core::KeyLabel* key = key_of_value(depth_)) {
    key->begin_string();
    key->append(text_);
  }
  return emit(event::String{.size_bytes = text_.size(), .bytes = text_});
}

core::Status JsonMachine::take_name(std::string_view name) {
  if (take() == JsonValueKind::name) {
    name_ = name;
  } else {
    version_ = name;
  }
  return member_done();
}

core::Status JsonMachine::on_word(Word word) {
  if (word == Word::null_word) return take_null();
  if (!takes_object()) return misplaced("a boolean");
  const bool is_true = word == Word::true_word;
  if (core::KeyLabel* key = key_of_value(depth_)) key->set_boolean(is_true);
  if (core::Status status = emit(event::Boolean{is_true ? 1 : 0}); !status) return status;
  return value_done();
}

core::Status JsonMachine::take_null() {
  if (takes_form()) {
    if (core::Status status = emit(event::Nil{}); !status) return status;
    return value_done();
  }
  if (top().where != Where::value) return misplaced("null");
  if (take() == JsonValueKind::index_or_null) {
    index_.reset();
  } else if (take() == JsonValueKind::name_or_null) {
    version_.reset();
  } else {
    return misplaced("null");
  }
  return member_done();
}

core::Status JsonMachine::on_number(std::string_view text) {
  if (takes_object()) {
    double number = 0;
    if (read_json_number(core::ElementType::f64, text, reinterpret_cast<std::byte*>(&number)) != NumberRead::done) {
      return malformed("no double is as large as " + core::in_backticks(text));
    }
    if (!keeps_integer(text, number)) {
      return malformed("numbers are doubles, and none is " + core::in_backticks(text) +
                       "; a LongTensor holds it, and a point or an exponent says that it may be rounded");
    }
    if (core::KeyLabel* key = key_of_value(depth_)) key->set_number(number);
    if (core::Status status = emit(event::Number{number}); !status) return status;
    return value_done();
  }
  if (top().where == Where::pair) return misplaced("a number");
  if (top().where == Where::list && take() == JsonValueKind::elements) return take_element(text, false);
  return take_integer(text);
}

core::Status JsonMachine::take_element(std::string_view text, bool is_quoted) {
  if (left_ == 0) return malformed("expected no more elements than `count` says, and another stands there");
  std::byte element[8];
  const NumberRead read =
      is_quoted ? read_json_non_finite(type_, text, element) : read_json_number(type_, text, element);
  if (read != NumberRead::done) {
    const std::string_view why =
        read == NumberRead::wrong_kind ? "expected an element of type " : "out of range for an element of type ";
    return malformed(std::string(why) + std::string(core::name_of(type_)) + ": " + core::in_backticks(text));
  }
  left_ -= 1;
  elements_.insert(elements_.end(), element, element + core::size_bytes_of(type_));
  return elements_.size() < kBatchBytes ? core::Status() : emit_elements();
}

core::Status JsonMachine::emit_elements() {
  if (elements_.empty()) return {};
  core::Status status = emit(event::Elements{.type = type_, .bytes = elements_});
  elements_.clear();
  return status;
}

core::Status JsonMachine::take_integer(std::string_view text) {
  const JsonValueKind here = take();
  const bool is_index = here == JsonValueKind::index || here == JsonValueKind::index_or_null;
  const bool is_narrow = is_index || here == JsonValueKind::tag || here == JsonValueKind::int32;
  const bool is_wide = here == JsonValueKind::int64 || here == JsonValueKind::size;
  const bool is_expected = top().where == Where::list ? here == JsonValueKind::longs : is_narrow || is_wide;
  if (!is_expected) return misplaced("a number");
  std::int64_t value = 0;
  std::int32_t narrow = 0;
  const NumberRead read = is_narrow
                              ? read_json_number(core::ElementType::i32, text, reinterpret_cast<std::byte*>(&narrow))
                              : read_json_number(core::ElementType::i64, text, reinterpret_cast<std::byte*>(&value));
  if (is_narrow) value = narrow;
  if (read != NumberRead::done || (here == JsonValueKind::size && value < 0))
    return misplaced(core::in_backticks(text));
  return keep_integer(value);
}

core::Status JsonMachine::keep_integer(std::int64_t value) {
  switch (take()) {
    case JsonValueKind::longs: {
      std::vector<std::int64_t>& longs = top().member == kSizesMember ? sizes_ : strides_;
      if (longs.size() == static_cast<std::size_t>(limits_.dimensions_max)) {
        return fail(core::ErrorCode::limit_exceeded,
                    "more dimensions than the limit dimensions_max of " + std::to_string(limits_.dimensions_max));
      }
      longs.push_back(value);
      return {};
    }
    case JsonValueKind::index:
    case JsonValueKind::index_or_null: index_ = static_cast<std::int32_t>(value); break;
    case JsonValueKind::tag: tag_ = static_cast<std::int32_t>(value); break;
    default: integer_ = value; break;
  }
  return member_done();
}

core::Status JsonMachine::take_base64(std::string_view part, bool is_last) {
  while (!part.empty()) {
    const std::string_view some = part.substr(0, kBatchBytes);
    part.remove_prefix(some.size());
    const std::size_t before = text_.size();
    if (!base64_.put(some, text_))
      return malformed("expected base64, of which only the last piece is padded, and something else stands there");
    const std::size_t came = text_.size() - before;
    if (came > left_)
      return malformed("expected " + std::to_string(size_) + " bytes, as announced, and there are more");
    left_ -= came;
    if (!is_streamed_ || text_.size() < kBatchBytes) continue;
    if (core::Status status = emit_decoded(); !status) return status;
  }
  if (is_last && !base64_.end_piece()) return malformed("expected base64, and a piece ends within four characters");
  return {};
}

core::Status JsonMachine::emit_decoded() {
  if (text_.empty()) return {};
  core::KeyLabel* const key = top().form == JsonObjectKind::bytes ? key_of_value(depth_ - 1) : nullptr;
  if (key != nullptr) key->append(text_);
  core::Status status = emit(event::Bytes{text_});
  text_.clear();
  return status;
}

}  // namespace sconce::proto
