#include "proto/media_type.h"

#include <optional>
#include <vector>

#include "proto/media_range.h"
#include "proto/quote.h"

namespace sconce::proto {

namespace {

constexpr std::string_view kType = "application";
constexpr std::string_view kSubtype = "x-torch7";
constexpr std::string_view kKnown =
    "binary (application/x-torch7), ascii (application/x-torch7; format=ascii) and b32 (application/x-torch7; "
    "format=b32)";

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

std::string media_type_of(core::Format format) {
  std::string media_type = std::string(kType) + '/' + std::string(kSubtype);
  if (!names_binary(format)) media_type.append("; format=").append(core::name_of(format));
  return media_type;
}

Answer<core::Format> body_format(std::string_view format, std::string_view content_type) {
  if (!format.empty()) {
    if (const auto known = known_format(format)) return *known;
    return refuse(Refusal::unsupported_media_type,
                  "the format " + in_backticks(format) + " is not known; known: ascii, binary, b32, b64");
  }
  const Answer<std::vector<MediaRange>> ranges = parse_media_ranges(content_type);
  if (!ranges) return std::unexpected(ranges.error());
  if (ranges->empty()) return core::Format::automatic;
  if (ranges->size() > 1) return refuse(Refusal::bad_header, "Content-Type names more than one media type");
  const MediaRange& media_type = ranges->front();
  const std::string name = media_type.type + '/' + media_type.subtype;
  if (name == "application/octet-stream" || name == "application/x-www-form-urlencoded") return core::Format::automatic;
  if (is_torch(media_type)) {
    if (const auto known = torch_format(media_type)) return *known;
  }
  return refuse(Refusal::unsupported_media_type,
                "the Content-Type " + in_backticks(content_type) + " is not known; known: " + std::string(kKnown));
}

Answer<core::Format> answer_format(std::string_view format, std::string_view accept) {
  if (!format.empty()) {
    if (const auto known = known_format(format)) return *known;
    return refuse(Refusal::not_acceptable,
                  "the format " + in_backticks(format) + " is not known; known: ascii, binary, b32, b64");
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
