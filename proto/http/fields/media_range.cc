#include "proto/http/fields/media_range.h"

#include <algorithm>
#include <optional>

#include "core/ascii.h"
#include "proto/http/fields/token_characters.h"

namespace sconce::proto {

namespace {

/// Reads a list of media ranges from its first byte to its last.
class MediaRangeParser {
 public:
  explicit MediaRangeParser(std::string_view text) : text_(text) {}

  HttpResult<std::vector<MediaRange>> parse() {
    std::vector<MediaRange> ranges;
    std::size_t parameters = 0;
    while (skip_blanks(), position_ < text_.size()) {
      if (skip(',')) continue;
      HttpResult<MediaRange> range = parse_range();
      if (!range) return std::unexpected(std::move(range.error()));
      parameters += range->parameters.size();
      ranges.push_back(std::move(*range));
      if (ranges.size() > kMediaRangesMax || parameters > kMediaRangesMax) return too_many();
      skip_blanks();
      if (position_ < text_.size() && text_[position_] != ',') return wrong();
    }
    return ranges;
  }

 private:
  HttpResult<MediaRange> parse_range() {
    MediaRange range;
    range.type = core::to_lower(take_token());
    if (range.type.empty() || !skip('/')) return wrong();
    range.subtype = core::to_lower(take_token());
    if (range.subtype.empty() || (range.type == "*" && range.subtype != "*")) return wrong();
    while (skip_blanks(), skip(';')) {
      skip_blanks();
      if (position_ == text_.size() || text_[position_] == ';' || text_[position_] == ',') continue;
      if (const HttpResult<void> read = parse_parameter(range); !read) return std::unexpected(read.error());
    }
    return range;
  }

  HttpResult<void> parse_parameter(MediaRange& range) {
    const std::string name = core::to_lower(take_token());
    if (name.empty() || !skip('=')) return wrong();
    std::string value;
    if (skip('"')) {
      if (!take_quoted(value)) return wrong();
    } else {
      value = take_token();
      if (value.empty()) return wrong();
    }
    if (name != "q") {
      range.parameters.push_back({name, std::move(value)});
      return {};
    }
    const std::optional<int> quality = quality_of(value);
    if (!quality) return wrong();
    range.quality_thousandths = *quality;
    return {};
  }

  /// `0`, `0.5`, `1.000`: at most three decimals, at most 1.
  static std::optional<int> quality_of(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
    if (text.size() > 1 && text[1] != '.') return std::nullopt;
    int thousandths = (text[0] - '0') * 1000;
    for (std::size_t i = 2, unit = 100; i < text.size(); ++i, unit /= 10) {
      if (text[i] < '0' || text[i] > '9') return std::nullopt;
      thousandths += (text[i] - '0') * static_cast<int>(unit);
    }
    return thousandths <= 1000 ? std::optional(thousandths) : std::nullopt;
  }

  bool take_quoted(std::string& value) {
    while (position_ < text_.size()) {
      char byte = text_[position_++];
      if (byte == '"') return true;
      if (byte == '\\') {
        if (position_ == text_.size()) return false;
        byte = text_[position_++];
      }
      value += byte;
    }
    return false;
  }

  std::string take_token() {
    const std::size_t begin = position_;
    position_ += kTokenCharacters.end_of_run(text_.substr(position_));
    return std::string(text_.substr(begin, position_ - begin));
  }

  void skip_blanks() {
    while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\t')) ++position_;
  }

  bool skip(char expected) {
    if (position_ == text_.size() || text_[position_] != expected) return false;
    ++position_;
    return true;
  }

  static std::unexpected<Problem> too_many() {
    return refuse(RequestError::bad_header,
                  "a list has at most " + std::to_string(kMediaRangesMax) + " media types, with as many parameters");
  }

  std::unexpected<Problem> wrong() const {
    return refuse(RequestError::bad_header, "a media type cannot be read from byte " + std::to_string(position_) +
                                                " on; it looks like application/x-torch7; format=ascii");
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

}  // namespace

const std::string* MediaRange::parameter(std::string_view name) const {
  const auto found = std::ranges::find(parameters, name, &Parameter::name);
  return found == parameters.end() ? nullptr : &found->value;
}

HttpResult<std::vector<MediaRange>> parse_media_ranges(std::string_view text) { return MediaRangeParser(text).parse(); }

}  // namespace sconce::proto
