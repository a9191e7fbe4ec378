#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "proto/http/problem.h"

namespace sconce::proto {

enum class Parameter : std::uint8_t {
  format,
  referenced,
  from,
  to,
  in_referenced,
  prefix,
  delimiter,
  limit,
  after,
  metadata,
  if_none_match,
  path,
  slice,
  style,
  view,
  depth,
  writes,
};

/// The values of a query's parameters, decoded (form_decode); nothing where one does not stand.
struct Query {
  std::optional<std::string> format;
  std::optional<std::string> referenced;
  std::optional<std::string> from;
  std::optional<std::string> to;
  std::optional<std::string> in_referenced;
  std::optional<std::string> prefix;
  std::optional<std::string> delimiter;
  std::optional<std::string> limit;
  std::optional<std::string> after;
  std::optional<std::string> metadata;
  std::optional<std::string> if_none_match;
  std::optional<std::string> path;
  std::optional<std::string> slice;
  std::optional<std::string> style;
  std::optional<std::string> view;
  std::optional<std::string> depth;
  std::optional<std::string> writes;
};

/// Reads `name=value&…`; a `+` is a blank. Threads: no state. Errors: bad_query, for a parameter that is not `allowed`
/// here, occurs twice, has no value (`format=`; what is a part of keys may be empty), or is not percent-encoded
/// rightly.
HttpResult<Query> parse_query(std::string_view text, std::span<const Parameter> allowed);

/// `true` or `false`; `fallback` if it does not stand. Errors: bad_query, naming `parameter`.
HttpResult<bool> boolean_of(const std::optional<std::string>& value, std::string_view parameter, bool fallback);

/// 1 to `max`, in decimal; `fallback` if it does not stand. Errors: bad_query, naming `parameter`.
HttpResult<std::size_t> count_of(const std::optional<std::string>& value, std::string_view parameter, std::size_t max,
                                 std::size_t fallback);

}  // namespace sconce::proto
