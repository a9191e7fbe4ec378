#include "proto/http/requests/query.h"

#include <algorithm>
#include <charconv>

#include "core/text/quote.h"
#include "proto/http/percent.h"

namespace sconce::proto {

namespace {

struct Row {
  std::string_view name;
  Parameter parameter;
  std::optional<std::string> Query::* value;
  bool may_be_empty = false;
};

constexpr Row kRows[] = {
    {"format", Parameter::format, &Query::format},
    {"referenced", Parameter::referenced, &Query::referenced},
    {"from", Parameter::from, &Query::from},
    {"to", Parameter::to, &Query::to},
    {"in_referenced", Parameter::in_referenced, &Query::in_referenced},
    {"prefix", Parameter::prefix, &Query::prefix, true},
    {"delimiter", Parameter::delimiter, &Query::delimiter, true},
    {"limit", Parameter::limit, &Query::limit},
    {"after", Parameter::after, &Query::after, true},
    {"metadata", Parameter::metadata, &Query::metadata},
    {"if_none_match", Parameter::if_none_match, &Query::if_none_match},
    {"path", Parameter::path, &Query::path, true},
    {"slice", Parameter::slice, &Query::slice},
    {"style", Parameter::style, &Query::style},
    {"view", Parameter::view, &Query::view},
    {"depth", Parameter::depth, &Query::depth},
    {"writes", Parameter::writes, &Query::writes},
};

/// `a, b, c`.
std::string names_of(std::span<const Parameter> allowed) {
  std::string names;
  for (const Row& row : kRows) {
    if (std::ranges::find(allowed, row.parameter) == allowed.end()) continue;
    if (!names.empty()) names += ", ";
    names += row.name;
  }
  return names.empty() ? "none" : names;
}

HttpResult<void> read_pair(std::string_view pair, std::span<const Parameter> allowed, Query& query) {
  const std::size_t equals = std::min(pair.find('='), pair.size());
  const core::Result<std::string> name = form_decode(pair.substr(0, equals));
  const core::Result<std::string> value = form_decode(pair.substr(std::min(equals + 1, pair.size())));
  if (!name || !value) {
    return refuse(RequestError::bad_query, "in the query, a % must be followed by two hexadecimal digits");
  }
  const auto* row = std::ranges::find(kRows, *name, &Row::name);
  if (row == std::end(kRows) || std::ranges::find(allowed, row->parameter) == allowed.end()) {
    return refuse(RequestError::bad_query, "the query parameter " + core::in_backticks(*name) +
                                               " is not known here; known: " + names_of(allowed));
  }
  std::optional<std::string>& slot = query.*(row->value);
  if (slot)
    return refuse(RequestError::bad_query, "the query parameter " + core::in_backticks(*name) + " is given twice");
  if (value->empty() && !row->may_be_empty)
    return refuse(RequestError::bad_query, "the query parameter " + core::in_backticks(*name) + " has no value");
  slot = *value;
  return {};
}

}  // namespace

HttpResult<Query> parse_query(std::string_view text, std::span<const Parameter> allowed) {
  Query query;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    if (const HttpResult<void> read = read_pair(pair, allowed, query); !read) return std::unexpected(read.error());
  }
  return query;
}

HttpResult<bool> boolean_of(const std::optional<std::string>& value, std::string_view parameter, bool fallback) {
  if (!value) return fallback;
  if (*value == "true") return true;
  if (*value == "false") return false;
  return refuse(RequestError::bad_query, "the query parameter " + core::in_backticks(parameter) +
                                             " must be true or false, not " + core::in_backticks(*value));
}

HttpResult<std::size_t> count_of(const std::optional<std::string>& value, std::string_view parameter, std::size_t max,
                                 std::size_t fallback) {
  if (!value) return fallback;
  std::size_t count = 0;
  const char* const end = value->data() + value->size();
  const auto parsed = std::from_chars(value->data(), end, count);
  if (parsed.ec == std::errc() && parsed.ptr == end && count >= 1 && count <= max) return count;
  return refuse(RequestError::bad_query, "the query parameter " + core::in_backticks(parameter) + " must be 1 to " +
                                             std::to_string(max) + ", not " + core::in_backticks(*value));
}

}  // namespace sconce::proto
