#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "proto/http/problem.h"
#include "proto/http/requests/query.h"

namespace sconce::proto {

/// Names on one page. Stops one request from listing a million keys into memory.
inline constexpr std::size_t kListLimitMax = 10'000;
inline constexpr std::size_t kListLimitDefault = 1000;

inline constexpr std::string_view kNdjsonMediaType = "application/x-ndjson";

/// What a listing is asked for.
struct ListRequest {
  std::string prefix;
  std::string after;
  std::string delimiter;
  std::size_t limit = kListLimitDefault;
  bool with_metadata = false;
  bool as_ndjson = false;  ///< One line for each name, up to the last one; no limit.
};

/// Threads: no state. Errors: bad_query, bad_header, not_acceptable.
HttpResult<ListRequest> parse_list_request(std::string_view query, std::string_view accept);

/// An object in a listing.
struct ListedObject {
  std::string_view key;
  std::uint64_t size_bytes = 0;
  std::string_view entity_tag = "\"\"";  ///< Strong, with its quotes.
  std::chrono::system_clock::time_point created = {};
  std::chrono::system_clock::time_point modified = {};
  std::string_view root_kind = {};
  std::span<const std::pair<std::string, std::string>> user_metadata = {};
  bool with_metadata = false;
};

/// Appends `{"key":"a","size":5,"etag":"\"…\"","kind":"table","created":"…","modified":"…"}`. Times are in UTC, as in
/// RFC 3339. Bytes of metadata that are not UTF-8 are escaped as `\xHH`.
void append_object(std::string& json, const ListedObject& object);

/// Appends `{"prefix":"runs/"}`.
void append_group(std::string& json, std::string_view prefix);

}  // namespace sconce::proto
