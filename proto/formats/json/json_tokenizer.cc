#include "proto/formats/json/json_tokenizer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "core/ascii.h"
#include "core/text/quote.h"
#include "core/text/utf8.h"

namespace sconce::proto {

namespace {

constexpr bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
using core::is_digit;

/// What numbers and words are made of.
constexpr bool is_word(char c) { return is_digit(c) || core::is_letter(c) || c == '-' || c == '+' || c == '.'; }

/// Bytes that stand for themselves in a string, and are ASCII.
constexpr bool is_plain(char c) { return c >= 0x20 && c != 0x7f && c != '"' && c != '\\'; }
constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (int c = 0; c < 128; ++c) plain[static_cast<std::size_t>(c)] = c == 0x7f || is_plain(static_cast<char>(c));
  return plain;
}();

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

/// number := [ "-" ] ( "0" | digit19 digit* ) [ "." digit+ ] [ ( "e" | "E" ) [ "+" | "-" ] digit+ ]
bool is_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  std::size_t begin = at;
  at = skip_digits(text, at);
  if (at == begin || (text[begin] == '0' && at > begin + 1)) return false;
  if (at < text.size() && text[at] == '.') {
    begin = at + 1;
    at = skip_digits(text, begin);
    if (at == begin) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    begin = at + 1;
    if (begin < text.size() && (text[begin] == '+' || text[begin] == '-')) ++begin;
    at = skip_digits(text, begin);
    if (at == begin) return false;
  }
  return at == text.size();
}

/// Bytes of the UTF-8 sequence that begins so; 0 if none does.
std::size_t sequence_bytes_by_lead(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0xc2 || byte > 0xf4) return 0;
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

/// The four hexadecimal digits of `\uXXXX`.
std::optional<std::uint32_t> hex4(std::string_view digits) {
  std::uint32_t value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (result.ec != std::errc() || result.ptr != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::string utf8_of(std::uint32_t code) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
  const auto tail = [&](unsigned shift) { return byte(0x80U | ((code >> shift) & 0x3fU)); };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xc0U | (code >> 6U)), tail(0)};
  if (code < 0x10000) return {byte(0xe0U | (code >> 12U)), tail(6), tail(0)};
  return {byte(0xf0U | (code >> 18U)), tail(12), tail(6), tail(0)};
}

constexpr bool is_high_surrogate(std::uint32_t code) { return code >= 0xd800 && code < 0xdc00; }
constexpr bool is_low_surrogate(std::uint32_t code) { return code >= 0xdc00 && code < 0xe000; }

/// The begin, and the bytes, of `\uXXXX`. Two can be one character.
constexpr std::string_view kEscape = "\\u";
constexpr std::size_t kEscapeBytes = 6;

}  // namespace

core::Status JsonTokenizer::fail(core::ErrorCode code, std::string what, std::uint64_t offset) {
  return std::unexpected(core::Error{.code = code, .what = std::move(what), .offset = offset});
}

core::Status JsonTokenizer::expected(std::string_view what) {
  return fail(core::ErrorCode::malformed,
              "expected " + std::string(what) + ", and " + core::in_backticks({at_, 1}) + " stands there", offset());
}

core::Status JsonTokenizer::put(std::string_view bytes) {
  begin_ = at_ = bytes.data();
  end_ = bytes.data() + bytes.size();
  core::Status status;
  while (status && at_ != end_) status = step();
  base_ = offset();
  begin_ = at_ = end_ = nullptr;
  return status;
}

core::Status JsonTokenizer::finish() {
  if (state_ == State::word && brackets_.empty()) {
    if (core::Status status = emit_word(std::exchange(word_, {})); !status) return status;
  }
  if (state_ == State::end) return {};
  return fail(core::ErrorCode::truncated, "the JSON ends before its value does", offset());
}

core::Status JsonTokenizer::step() {
  if (state_ == State::text) return held_.empty() ? go_on_with_text() : go_on_with_held();
  if (state_ == State::word) return go_on_with_word();
  while (at_ != end_ && is_blank(*at_)) ++at_;
  if (at_ == end_) return {};
  const char c = *at_;
  if (c != ',' && c != ':') token_offset_ = offset();
  return structural(c);
}

core::Status JsonTokenizer::structural(char c) {
  switch (state_) {
    case State::value: return begin_value(c);
    case State::first_value: return c == ']' ? close(c) : begin_value(c);
    case State::first_name: return c == '}' ? close(c) : c == '"' ? begin_text(true) : expected("a name or `}`");
    case State::name: return c == '"' ? begin_text(true) : expected("a name");
    case State::colon:
      if (c != ':') return expected("`:`");
      ++at_;
      state_ = State::value;
      return {};
    case State::after_value: return separate(c);
    case State::text:
    case State::word:
    case State::end: break;
  }
  return expected("nothing more behind the value");
}

core::Status JsonTokenizer::begin_value(char c) {
  if (c == '{') return open(Bracket::object);
  if (c == '[') return open(Bracket::array);
  if (c == '"') return begin_text(false);
  if (!is_word(c)) return expected("a value");
  state_ = State::word;
  return {};
}

core::Status JsonTokenizer::open(Bracket bracket) {
  brackets_ += *at_++;
  state_ = bracket == Bracket::object ? State::first_name : State::first_value;
  return sink_.on_open(bracket);
}

core::Status JsonTokenizer::close(char c) {
  ++at_;
  brackets_.pop_back();
  end_value();
  return sink_.on_close(c == '}' ? Bracket::object : Bracket::array);
}

core::Status JsonTokenizer::separate(char c) {
  const bool in_object = brackets_.back() == '{';
  if (c == (in_object ? '}' : ']')) return close(c);
  if (c != ',') return expected(in_object ? "`,` or `}`" : "`,` or `]`");
  ++at_;
  state_ = in_object ? State::name : State::value;
  return {};
}

core::Status JsonTokenizer::begin_text(bool is_name) {
  ++at_;
  text_is_name_ = is_name;
  state_ = State::text;
  return {};
}

core::Status JsonTokenizer::go_on_with_text() {
  const char* const run = at_;
  while (at_ != end_) {
    const char c = *at_;
    if (kPlain[static_cast<unsigned char>(c)]) {
      ++at_;
    } else if (c == '"') {
      return emit_text({run, at_++}, true);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      if (core::Status emitted = emit_text({run, at_}, false); !emitted) return emitted;
      return fail(core::ErrorCode::malformed, "a control character stands in a string, and must be escaped", offset());
    } else if (const std::size_t size = core::utf8_sequence_bytes({at_, end_}); size > 1) {
      at_ += size;
    } else {
      const std::string_view before(run, at_);
      held_ = *at_++;
      if (core::Status emitted = emit_text(before, false); !emitted) return emitted;
      if (c == '\\' || sequence_bytes_by_lead(c) != 0) return {};
      return fail(core::ErrorCode::malformed, "a string is not UTF-8", offset() - 1);
    }
  }
  return emit_text({run, at_}, false);
}

/// The next byte of an escape, or of a sequence that is cut or wrong.
core::Status JsonTokenizer::go_on_with_held() {
  held_ += *at_++;
  if (held_.front() == '\\') return go_on_with_escape();
  if (held_.size() < sequence_bytes_by_lead(held_.front())) return {};
  if (core::utf8_sequence_bytes(held_) == held_.size()) return emit_text(std::exchange(held_, {}), false);
  return fail(core::ErrorCode::malformed, "a string is not UTF-8", offset() - held_.size());
}

core::Status JsonTokenizer::go_on_with_escape() {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (held_.size() == 2 && held_[1] != 'u') {
    const std::size_t letter = kLetters.find(held_[1]);
    if (letter == std::string_view::npos) {
      return fail(core::ErrorCode::malformed, "a string has an escape that JSON does not know", offset() - 2);
    }
    held_.clear();
    return emit_text(kMeanings.substr(letter, 1), false);
  }
  const std::string_view second = std::string_view(held_).substr(std::min(held_.size(), kEscapeBytes));
  const bool is_broken = !kEscape.starts_with(second.substr(0, kEscape.size()));
  if (held_.size() % kEscapeBytes != 0 && !is_broken) return {};
  return emit_code_point();
}

core::Status JsonTokenizer::emit_code_point() {
  const std::string_view held = held_;
  const auto first = hex4(held.substr(2, 4));
  const bool is_pair = held.size() > kEscapeBytes;
  if (first && !is_pair && is_high_surrogate(*first)) return {};
  std::optional<std::uint32_t> code = first;
  if (is_pair) {
    const auto second =
        held.size() == 2 * kEscapeBytes ? hex4(held.substr(kEscapeBytes + kEscape.size())) : std::nullopt;
    code = second && is_low_surrogate(*second) ? 0x10000 + ((*first - 0xd800) << 10U) + (*second - 0xdc00) : 0xd800;
  }
  if (!code || is_high_surrogate(*code) || is_low_surrogate(*code)) {
    return fail(core::ErrorCode::malformed, "an escape in a string is no character", offset() - held.size());
  }
  held_.clear();
  return emit_text(utf8_of(*code), false);
}

core::Status JsonTokenizer::emit_text(std::string_view part, bool is_last) {
  if (part.empty() && !is_last) return {};
  if (!text_is_name_) {
    if (is_last) end_value();
    return sink_.on_text(part, is_last);
  }
  if (word_.size() + part.size() > limits_.name_bytes_max) {
    return fail(core::ErrorCode::malformed, "no member has a name as long as this", token_offset_);
  }
  word_ += part;
  if (!is_last) return {};
  state_ = State::colon;
  return sink_.on_name(std::exchange(word_, {}));
}

core::Status JsonTokenizer::go_on_with_word() {
  const char* const run = at_;
  while (at_ != end_ && is_word(*at_)) ++at_;
  const std::string_view part(run, at_);
  if (core::Status status = check_word_bytes(word_.size() + part.size()); !status) return status;
  if (at_ != end_ && word_.empty()) return emit_word(part);
  word_ += part;
  return at_ == end_ ? core::Status() : emit_word(std::exchange(word_, {}));
}

core::Status JsonTokenizer::check_word_bytes(std::size_t size) {
  if (size <= limits_.number_bytes_max) return {};
  return fail(core::ErrorCode::limit_exceeded,
              "a number is longer than the limit number_bytes_max of " + std::to_string(limits_.number_bytes_max),
              token_offset_);
}

core::Status JsonTokenizer::emit_word(std::string_view text) {
  using Word = JsonTokenSink::Word;
  end_value();
  if (is_number(text)) return sink_.on_number(text);
  if (text == "null") return sink_.on_word(Word::null_word);
  if (text == "true") return sink_.on_word(Word::true_word);
  if (text == "false") return sink_.on_word(Word::false_word);
  return fail(core::ErrorCode::malformed, "expected a value, and " + core::in_backticks(text) + " stands there",
              token_offset_);
}

}  // namespace sconce::proto
