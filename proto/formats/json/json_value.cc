#include "proto/formats/json/json_value.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/text/quote.h"
#include "proto/formats/json/json_numbers.h"
#include "proto/formats/json/json_tokenizer.h"

namespace sconce::proto {

namespace {

using core::ErrorCode;
using core::Status;

template <class Integer>
std::optional<Integer> integer_of(std::string_view text) {
  Integer value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  return read.ec == std::errc() && read.ptr == end ? std::optional(value) : std::nullopt;
}

/// Makes values of tokens. `open_` points to containers, none of which grows while something in it is open.
class ValueTaker final : public JsonTokenSink {
 public:
  explicit ValueTaker(const JsonDocumentLimits& limits) : limits_(limits) {}

  JsonValue take() { return std::move(root_); }

  Status on_open(Bracket bracket) override {
    if (open_.size() == limits_.depth_max) return core::fail(ErrorCode::malformed, "nested too deeply");
    const auto added = bracket == Bracket::object ? add(JsonValue::Members()) : add(JsonValue::Items());
    if (!added) return std::unexpected(added.error());
    open_.push_back(*added);
    return {};
  }

  Status on_close(Bracket) override {
    open_.pop_back();
    return {};
  }

  Status on_name(std::string_view name) override {
    JsonValue::Members& members = *open_.back()->members();
    if (std::ranges::find(members, name, &JsonMember::name) != members.end()) {
      return core::fail(ErrorCode::malformed, "the member " + core::in_backticks(name) + " stands twice");
    }
    if (members.size() == limits_.members_max) {
      return core::fail(ErrorCode::malformed,
                        "an object has more than " + std::to_string(limits_.members_max) + " members");
    }
    members.push_back({.name = std::string(name), .value = {}});
    return {};
  }

  Status on_text(std::string_view part, bool is_last) override {
    text_ += part;
    return is_last ? add_scalar(std::exchange(text_, {})) : Status();
  }

  Status on_number(std::string_view text) override {
    double number = 0;
    auto* const to = reinterpret_cast<std::byte*>(&number);
    if (read_json_number(core::ElementType::f64, text, to) != NumberRead::done) {
      return core::fail(ErrorCode::malformed, "no double is as large as " + core::in_backticks(text));
    }
    return add_scalar(JsonValue::Number{std::string(text)});
  }

  Status on_word(Word word) override {
    if (word == Word::null_word) return add_scalar(JsonValue::Null());
    return add_scalar(word == Word::true_word);
  }

 private:
  template <class Held>
  Status add_scalar(Held held) {
    const auto added = add(std::move(held));
    return added ? Status() : std::unexpected(added.error());
  }

  /// Puts a value where one is to come.
  template <class Held>
  core::Result<JsonValue*> add(Held held) {
    if (values_ == limits_.values_max) {
      return core::fail(ErrorCode::limit_exceeded,
                        "there are more than " + std::to_string(limits_.values_max) + " values");
    }
    values_ += 1;
    JsonValue* place = &root_;
    if (!open_.empty()) {
      JsonValue::Items* const items = open_.back()->items();
      place = items != nullptr ? &items->emplace_back() : &open_.back()->members()->back().value;
    }
    *place = JsonValue(std::move(held));
    return place;
  }

  const JsonDocumentLimits limits_;
  JsonValue root_;
  std::vector<JsonValue*> open_;
  std::size_t values_ = 0;
  std::string text_;
};

}  // namespace

const JsonValue* JsonValue::member(std::string_view name) const {
  if (members() == nullptr) return nullptr;
  const auto found = std::ranges::find(*members(), name, &JsonMember::name);
  return found == members()->end() ? nullptr : &found->value;
}

std::optional<std::int64_t> JsonValue::integer() const {
  const auto* const number = std::get_if<Number>(&held_);
  return number == nullptr ? std::nullopt : integer_of<std::int64_t>(number->text);
}

std::optional<std::uint64_t> JsonValue::unsigned_integer() const {
  const auto* const number = std::get_if<Number>(&held_);
  return number == nullptr ? std::nullopt : integer_of<std::uint64_t>(number->text);
}

core::Result<JsonValue> parse_json_document(std::string_view text, const JsonDocumentLimits& limits) {
  ValueTaker taker(limits);
  JsonTokenizer tokenizer(taker, {.number_bytes_max = text.size()});
  Status read = tokenizer.put(text);
  if (read) read = tokenizer.finish();
  if (read) return taker.take();
  if (!read.error().offset) read.error().offset = tokenizer.token_offset();
  return std::unexpected(std::move(read.error()));
}

}  // namespace sconce::proto
