#include "proto/media_type.h"

#include <algorithm>

namespace sconce::proto {

namespace {

constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";

bool is_token_byte(char byte) {
  const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
  return letter || (byte >= '0' && byte <= '9') || kTokenMarks.find(byte) != std::string_view::npos;
}

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& byte : lowered) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
  }
  return lowered;
}

/// Reads a list of media ranges from its first byte to its last.
class MediaRangeParser {
 public:
  explicit MediaRangeParser(std::string_view text) : text_(text) {}

  Answer<std::vector<MediaRange>> parse() {
    std::vector<MediaRange> ranges;
    while (skip_blanks(), position_ < text_.size()) {
      if (skip(',')) continue;
      Answer<MediaRange> range = parse_range();
      if (!range) return std::unexpected(std::move(range.error()));
      ranges.push_back(std::move(*range));
      skip_blanks();
      if (position_ < text_.size() && text_[position_] != ',') return wrong();
    }
    return ranges;
  }

 private:
  Answer<MediaRange> parse_range() {
    MediaRange range;
    range.type = lower(take_token());
    if (range.type.empty() || !skip('/')) return wrong();
    range.subtype = lower(take_token());
    if (range.subtype.empty() || (range.type == "*" && range.subtype != "*")) return wrong();
    while (skip_blanks(), skip(';')) {
      skip_blanks();
      if (position_ == text_.size() || text_[position_] == ';' || text_[position_] == ',') continue;
      if (const Answer<void> read = parse_parameter(range); !read) return std::unexpected(read.error());
    }
    return range;
  }

  Answer<void> parse_parameter(MediaRange& range) {
    const std::string name = lower(take_token());
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
    while (position_ < text_.size() && is_token_byte(text_[position_])) ++position_;
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

  std::unexpected<Problem> wrong() const {
    return refuse(Refusal::bad_header, "a media type cannot be read from byte " + std::to_string(position_) +
                                           " on; it looks like application/x-torch7; format=ascii");
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

constexpr std::string_view kType = "application";
constexpr std::string_view kSubtype = "x-torch7";
constexpr std::string_view kKnown =
    "binary (application/x-torch7), ascii (application/x-torch7; format=ascii) and b32 (application/x-torch7; format=b32)";

bool is_torch(const MediaRange& range) { return range.type == kType && range.subtype == kSubtype; }

/// A name that a client may say: `automatic` is none.
std::optional<core::Format> known_format(std::string_view name) {
  const std::optional<core::Format> format = core::format_from_name(name);
  return format == core::Format::automatic ? std::nullopt : format;
}

std::optional<core::Format> torch_format(const MediaRange& range) {
  const std::string* const format = range.parameter("format");
  return format == nullptr ? core::Format::binary : known_format(*format);
}

bool names_binary(core::Format format) { return format == core::Format::binary || format == core::Format::b64; }

/// How specifically a range speaks of a format: 0 not at all, 3 by its name.
int specificity(const MediaRange& range, core::Format format) {
  if (range.type == "*") return 1;
  if (range.type == kType && range.subtype == "*") return 2;
  if (!is_torch(range)) return 0;
  const std::optional<core::Format> named = torch_format(range);
  if (!named) return 0;
  return *named == format || (names_binary(*named) && names_binary(format)) ? 3 : 0;
}

/// The quality that the most specific of the ranges gives a format.
int quality_of(const std::vector<MediaRange>& ranges, core::Format format) {
  int best = 0;
  int quality = 0;
  for (const MediaRange& range : ranges) {
    const int specific = specificity(range, format);
    if (specific <= best) continue;
    best = specific;
    quality = range.quality_thousandths;
  }
  return quality;
}

}  // namespace

const std::string* MediaRange::parameter(std::string_view name) const {
  const auto found = std::ranges::find(parameters, name, &Parameter::name);
  return found == parameters.end() ? nullptr : &found->value;
}

Answer<std::vector<MediaRange>> parse_media_ranges(std::string_view text) { return MediaRangeParser(text).parse(); }

std::string media_type_of(core::Format format) {
  std::string media_type = std::string(kType) + '/' + std::string(kSubtype);
  if (!names_binary(format)) media_type.append("; format=").append(core::name_of(format));
  return media_type;
}

Answer<core::Format> body_format(std::string_view format, std::string_view content_type) {
  if (!format.empty()) {
    if (const auto known = known_format(format)) return *known;
    return refuse(Refusal::unsupported_media_type,
                  "the format `" + std::string(format) + "` is not known; known: ascii, binary, b32, b64");
  }
  const Answer<std::vector<MediaRange>> ranges = parse_media_ranges(content_type);
  if (!ranges) return std::unexpected(ranges.error());
  if (ranges->empty()) return core::Format::automatic;
  const MediaRange& media_type = ranges->front();
  const std::string name = media_type.type + '/' + media_type.subtype;
  if (name == "application/octet-stream" || name == "application/x-www-form-urlencoded") return core::Format::automatic;
  if (is_torch(media_type)) {
    if (const auto known = torch_format(media_type)) return *known;
  }
  return refuse(Refusal::unsupported_media_type,
                "the Content-Type `" + std::string(content_type) + "` is not known; known: " + std::string(kKnown));
}

Answer<core::Format> answer_format(std::string_view format, std::string_view accept) {
  if (!format.empty()) {
    if (const auto known = known_format(format)) return *known;
    return refuse(Refusal::not_acceptable,
                  "the format `" + std::string(format) + "` is not known; known: ascii, binary, b32, b64");
  }
  const Answer<std::vector<MediaRange>> ranges = parse_media_ranges(accept);
  if (!ranges) return std::unexpected(ranges.error());
  if (ranges->empty()) return core::Format::binary;
  core::Format best = core::Format::binary;
  int best_quality = 0;
  for (const core::Format candidate : {core::Format::binary, core::Format::ascii, core::Format::b32}) {
    const int quality = quality_of(*ranges, candidate);
    if (quality <= best_quality) continue;
    best_quality = quality;
    best = candidate;
  }
  if (best_quality > 0) return best;
  return refuse(Refusal::not_acceptable, "Accept names no format that is known; known: " + std::string(kKnown));
}

}  // namespace sconce::proto
