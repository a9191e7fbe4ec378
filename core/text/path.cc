#include "core/text/path.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/exact_integer.h"
#include "core/text/printable.h"
#include "core/text/utf8.h"

namespace sconce::core {

namespace {

bool is_name_byte(char byte, bool first) {
  const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
  return letter || (!first && byte >= '0' && byte <= '9');
}

bool is_name(std::string_view key, std::size_t key_bytes_max) {
  if (key.empty() || key.size() > key_bytes_max || !is_name_byte(key.front(), true)) return false;
  for (const char byte : key.substr(1)) {
    if (!is_name_byte(byte, false)) return false;
  }
  return true;
}

/// Quoted, with what is neither printable ASCII nor UTF-8 escaped; cut after `key_bytes_max` bytes.
void append_quoted(std::string& text, std::string_view key, std::size_t key_bytes_max) {
  text += '"';
  std::size_t done = 0;
  while (done < key.size() && done + std::max<std::size_t>(1, utf8_sequence_bytes(key.substr(done))) <= key_bytes_max) {
    done += append_printable(text, key.substr(done), "\"\\");
  }
  text += '"';
  if (done < key.size()) text += "...";
}

struct KeyAppender {
  std::string& text;
  std::size_t key_bytes_max;
  void operator()(const std::string& key) const { append_quoted(text, key, key_bytes_max); }
  void operator()(double key) const { append_number(text, key); }
  void operator()(bool key) const { text += key ? "true" : "false"; }
  void operator()(KeyIndex key) const { text += '#' + std::to_string(key.index); }
};

/// Reads a path from its first byte to its last.
class PathParser {
 public:
  explicit PathParser(std::string_view text) : text_(text) {}

  Result<Path> parse() {
    Path path;
    while (position_ < text_.size()) {
      Result<PathStep> step = text_[position_] == '[' ? parse_bracket() : parse_name(path.steps.empty());
      if (!step) return std::unexpected(std::move(step.error()));
      path.steps.push_back(std::move(*step));
    }
    return path;
  }

 private:
  std::unexpected<Error> wrong(std::string what) const {
    return std::unexpected(
        Error{.code = ErrorCode::invalid_argument, .what = std::move(what), .offset = position_, .path = std::nullopt});
  }

  std::string_view rest() const { return text_.substr(position_); }

  bool skip(std::string_view expected) {
    if (!rest().starts_with(expected)) return false;
    position_ += expected.size();
    return true;
  }

  Result<PathStep> parse_name(bool first) {
    if (!first && !skip(".")) return wrong("a `.` or a `[` must stand between the steps of a path");
    std::size_t end = position_;
    while (end < text_.size() && is_name_byte(text_[end], end == position_)) ++end;
    if (end == position_) return wrong("a name must begin with a letter or `_`; write other keys as [\"key\"] or [3]");
    std::string name(text_.substr(position_, end - position_));
    position_ = end;
    return PathStep(std::move(name));
  }

  Result<PathStep> parse_bracket() {
    position_ += 1;
    Result<PathStep> key = parse_key();
    if (key && !skip("]")) return wrong("the key must end with a `]`");
    return key;
  }

  Result<PathStep> parse_key() {
    if (skip("\"")) return parse_quoted();
    if (skip("true")) return PathStep(true);
    if (skip("false")) return PathStep(false);
    if (skip("#")) return parse_number<std::int32_t>();
    return parse_number<double>();
  }

  template <class Number>
  Result<PathStep> parse_number() {
    Number number{};
    const auto [end, error] = std::from_chars(rest().data(), rest().data() + rest().size(), number);
    if (error == std::errc::result_out_of_range) return wrong("the number is out of range");
    if (error != std::errc()) return wrong("a key is a number, a quoted string, true, false or # and an index");
    position_ += static_cast<std::size_t>(end - rest().data());
    if constexpr (std::is_same_v<Number, double>) return PathStep(number);
    else return PathStep(KeyIndex{number});
  }

  Result<PathStep> parse_quoted() {
    std::string key;
    while (!skip("\"")) {
      if (rest().empty()) return wrong("the string has no closing quote");
      if (!skip("\\")) {
        key += text_[position_++];
      } else if (const Status escaped = parse_escape(key); !escaped) {
        return std::unexpected(escaped.error());
      }
    }
    if (rest().starts_with("...")) return wrong("the key was cut when it was written; give it whole");
    return PathStep(std::move(key));
  }

  Status parse_escape(std::string& key) {
    constexpr std::string_view kEscapes = "\"\\nrt";
    constexpr std::string_view kMeanings = "\"\\\n\r\t";
    const std::size_t which = rest().empty() ? std::string_view::npos : kEscapes.find(rest().front());
    if (which != std::string_view::npos) {
      key += kMeanings[which];
      position_ += 1;
      return {};
    }
    unsigned char byte = 0;
    const std::string_view digits = rest().substr(0, 3);
    const bool hex = digits.size() == 3 && digits.front() == 'x';
    const char* const end = digits.data() + digits.size();
    if (!hex || std::from_chars(digits.data() + 1, end, byte, 16).ptr != end) {
      return wrong("after a backslash stands one of \" \\ n r t or x and two hexadecimal digits");
    }
    key += static_cast<char>(byte);
    position_ += 3;
    return {};
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

}  // namespace

void append_number(std::string& text, double number) {
  char digits[32];
  const auto end = is_exact_integer(number) ? std::to_chars(digits, std::end(digits), static_cast<std::int64_t>(number))
                                            : std::to_chars(digits, std::end(digits), number);
  text.append(digits, end.ptr);
}

void append_step(std::string& text, const PathStep& step, std::size_t key_bytes_max) {
  if (const auto* key = std::get_if<std::string>(&step); key != nullptr && is_name(*key, key_bytes_max)) {
    if (!text.empty()) text += '.';
    text += *key;
    return;
  }
  text += '[';
  std::visit(KeyAppender{text, key_bytes_max}, step);
  text += ']';
}

std::string to_string(const Path& path) {
  std::string text;
  for (const PathStep& step : path.steps) append_step(text, step);
  return text;
}

Result<Path> parse_path(std::string_view text) { return PathParser(text).parse(); }

}  // namespace sconce::core
