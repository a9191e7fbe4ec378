#include "proto/http/fields/media_type.h"

#include <iterator>
#include <optional>
#include <vector>

#include "core/text/quote.h"
#include "proto/http/fields/media_range.h"

namespace sconce::proto {

namespace {

/// What a format is called in Content-Type and Accept. Of formats that Accept likes equally well, the first is taken.
struct Row {
  ObjectFormat format;
  std::string_view subtype;  // of application/
  bool by_parameter;         // whether `format=` says which one; binary goes without too
};

constexpr std::string_view kType = "application";
constexpr Row kRows[] = {
    {ObjectFormat::binary, "x-torch7", true},
    {ObjectFormat::ascii, "x-torch7", true},
    {ObjectFormat::b32, "x-torch7", true},
    {ObjectFormat::json, "json", false},
    {ObjectFormat::npy, "x-npy", false},
    {ObjectFormat::npz, "x-npz", false},
    {ObjectFormat::safetensors, "x-safetensors", false},
};
constexpr std::string_view kKnown =
    "application/x-torch7 (binary), application/x-torch7; format=ascii, application/x-torch7; format=b32, "
    "application/json, application/x-npy, application/x-npz, application/x-safetensors";

/// Whether a media type without wildcards names this format.
bool names(const MediaRange& range, const Row& row) {
  if (range.type != kType || range.subtype != row.subtype) return false;
  if (!row.by_parameter) return true;
  const std::string* const format = range.parameter("format");
  return format == nullptr ? row.format == ObjectFormat::binary : object_format_from_name(*format) == row.format;
}

std::optional<ObjectFormat> format_of(const MediaRange& range) {
  for (const Row& row : kRows) {
    if (names(range, row)) return row.format;
  }
  return std::nullopt;
}

/// How specifically a range speaks of a format: 0 not at all, 3 by its name.
int specificity(const MediaRange& range, const Row& row) {
  if (range.type == "*") return 1;
  if (range.type == kType && range.subtype == "*") return 2;
  return names(range, row) ? 3 : 0;
}

std::string unknown_format(std::string_view format) {
  return "the format " + core::in_backticks(format) + " is not known; known: " + std::string(kObjectFormatNames);
}

}  // namespace

std::string media_type_of(ObjectFormat format) {
  if (format == ObjectFormat::plain_json) format = ObjectFormat::json;
  std::string media_type = std::string(kType) + '/';
  for (const Row& row : kRows) {
    if (row.format != format) continue;
    media_type += row.subtype;
    if (row.by_parameter && format != ObjectFormat::binary) media_type.append("; format=").append(name_of(format));
  }
  return media_type;
}

HttpResult<ObjectFormat> body_format(std::string_view format, std::string_view content_type) {
  if (!format.empty()) {
    if (const auto known = object_format_from_name(format)) return *known;
    return refuse(RequestError::unsupported_media_type, unknown_format(format));
  }
  if (content_type.empty()) return ObjectFormat::automatic;
  const HttpResult<std::vector<MediaRange>> ranges = parse_media_ranges(content_type);
  if (!ranges) return std::unexpected(ranges.error());
  if (ranges->empty()) return ObjectFormat::automatic;
  if (ranges->size() > 1) return refuse(RequestError::bad_header, "Content-Type names more than one media type");
  const MediaRange& media_type = ranges->front();
  const std::string name = media_type.type + '/' + media_type.subtype;
  if (name == "application/octet-stream" || name == "application/x-www-form-urlencoded") return ObjectFormat::automatic;
  if (const auto known = format_of(media_type)) return *known;
  return refuse(RequestError::unsupported_media_type, "the Content-Type " + core::in_backticks(content_type) +
                                                          " is not known; known: " + std::string(kKnown));
}

HttpResult<ObjectFormat> answer_format(std::string_view format, std::string_view accept) {
  if (!format.empty()) {
    if (const auto known = object_format_from_name(format)) return *known;
    return refuse(RequestError::not_acceptable, unknown_format(format));
  }
  if (accept.empty()) return ObjectFormat::binary;
  const HttpResult<std::vector<MediaRange>> ranges = parse_media_ranges(accept);
  if (!ranges) return std::unexpected(ranges.error());
  if (ranges->empty()) return ObjectFormat::binary;
  ObjectFormat best = ObjectFormat::binary;
  int best_quality = 0;
  for (const Row& row : kRows) {
    const int quality = quality_of(*ranges, [&row](const MediaRange& range) { return specificity(range, row); });
    if (quality <= best_quality) continue;
    best_quality = quality;
    best = row.format;
  }
  if (best_quality > 0) return best;
  return refuse(RequestError::not_acceptable, "Accept names no format that is known; known: " + std::string(kKnown));
}

}  // namespace sconce::proto
