#include "proto/http/requests/listing.h"

#include <algorithm>
#include <vector>

#include "proto/formats/json/json_text.h"
#include "proto/http/fields/media_range.h"

namespace sconce::proto {

namespace {

constexpr std::string_view kJsonMediaType = "application/json";

/// The quality that Accept gives a media type of ours.
int accepted_quality(const std::vector<MediaRange>& ranges, std::string_view media_type) {
  return quality_of(ranges, [media_type](const MediaRange& range) {
    if (range.type + '/' + range.subtype == media_type) return 3;
    if (range.type == "application" && range.subtype == "*") return 2;
    return range.type == "*" ? 1 : 0;
  });
}

HttpResult<bool> wants_ndjson(std::string_view accept) {
  const HttpResult<std::vector<MediaRange>> ranges = parse_media_ranges(accept);
  if (!ranges) return std::unexpected(ranges.error());
  if (ranges->empty()) return false;
  const int json = accepted_quality(*ranges, kJsonMediaType);
  const int ndjson = accepted_quality(*ranges, kNdjsonMediaType);
  if (json == 0 && ndjson == 0) {
    return refuse(RequestError::not_acceptable, "a listing is application/json or application/x-ndjson");
  }
  return ndjson > json;
}

/// Writes `value` over the digits that end at `end`. A listing writes millions, and printf would take most of its time.
void put_digits(char* end, unsigned value, int digits) {
  for (; digits > 0; --digits, value /= 10) *--end = static_cast<char>('0' + value % 10);
}

/// `"2026-11-23T10:00:00.000Z"`; years have four digits.
void append_time(std::string& json, std::chrono::system_clock::time_point time) {
  namespace chrono = std::chrono;
  const auto day = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date(day);
  const auto of_day = static_cast<unsigned>(chrono::floor<chrono::milliseconds>(time - day).count());
  char text[] = "\"0000-00-00T00:00:00.000Z\"";
  put_digits(text + 5, static_cast<unsigned>(std::clamp(static_cast<int>(date.year()), 0, 9999)), 4);
  put_digits(text + 8, static_cast<unsigned>(date.month()), 2);
  put_digits(text + 11, static_cast<unsigned>(date.day()), 2);
  put_digits(text + 14, of_day / 3'600'000, 2);
  put_digits(text + 17, of_day / 60'000 % 60, 2);
  put_digits(text + 20, of_day / 1000 % 60, 2);
  put_digits(text + 24, of_day % 1000, 3);
  json.append(text, sizeof text - 1);
}

/// A string that holds a strong entity tag: two quotes that must be escaped, and between them nothing that must.
void append_entity_tag(std::string& json, std::string_view tag) {
  json.append("\"\\\"").append(tag.substr(1, tag.size() - 2)).append("\\\"\"");
}

void append_metadata(std::string& json, std::span<const std::pair<std::string, std::string>> metadata) {
  json += ",\"metadata\":{";
  for (std::size_t i = 0; i < metadata.size(); ++i) {
    if (i > 0) json += ',';
    append_printable_string(json, metadata[i].first);
    json += ':';
    append_printable_string(json, metadata[i].second);
  }
  json += '}';
}

}  // namespace

HttpResult<ListRequest> parse_list_request(std::string_view query_text, std::string_view accept) {
  constexpr Parameter kAllowed[] = {Parameter::prefix, Parameter::delimiter, Parameter::limit, Parameter::after,
                                    Parameter::metadata};
  const auto query = parse_query(query_text, kAllowed);
  if (!query) return std::unexpected(query.error());
  const auto limit = count_of(query->limit, "limit", kListLimitMax, kListLimitDefault);
  if (!limit) return std::unexpected(limit.error());
  const auto with_metadata = boolean_of(query->metadata, "metadata", false);
  if (!with_metadata) return std::unexpected(with_metadata.error());
  const auto as_ndjson = wants_ndjson(accept);
  if (!as_ndjson) return std::unexpected(as_ndjson.error());
  return ListRequest{.prefix = query->prefix.value_or(""),
                     .after = query->after.value_or(""),
                     .delimiter = query->delimiter.value_or(""),
                     .limit = *limit,
                     .with_metadata = *with_metadata,
                     .as_ndjson = *as_ndjson};
}

void append_object(std::string& json, const ListedObject& object) {
  json += "{\"key\":";
  append_printable_string(json, object.key);
  json.append(",\"size\":").append(std::to_string(object.size_bytes));
  json += ",\"etag\":";
  append_entity_tag(json, object.entity_tag);
  json += ",\"kind\":";
  append_printable_string(json, object.root_kind);
  json += ",\"created\":";
  append_time(json, object.created);
  json += ",\"modified\":";
  append_time(json, object.modified);
  if (object.with_metadata) append_metadata(json, object.user_metadata);
  json += '}';
}

void append_group(std::string& json, std::string_view prefix) {
  json += "{\"prefix\":";
  append_printable_string(json, prefix);
  json += '}';
}

}  // namespace sconce::proto
