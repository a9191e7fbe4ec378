#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/http/fields/entity_tag.h"

namespace sconce::proto {

/// The fields of a request that make it conditional.
struct Conditions {
  std::optional<EntityTags> if_match;
  std::optional<EntityTags> if_none_match;
  std::optional<std::chrono::sys_seconds> if_unmodified_since = std::nullopt;
  std::optional<std::chrono::sys_seconds> if_modified_since = std::nullopt;
};

/// Without the dates. Absent fields are null. Threads: no state. Errors: bad_header.
HttpResult<Conditions> parse_conditions(const std::string* if_match, const std::string* if_none_match);

enum class ReadOutcome : std::uint8_t { proceed, not_modified, precondition_failed };

/// For GET and HEAD: `current` is the entity tag of the representation that was asked for, nothing where the key does
/// not exist; then `modified` is of no meaning. A date counts only where the tags' field does not stand. If-Match
/// compares strongly, If-None-Match weakly. Source: RFC 9110, section 13.2.2.
ReadOutcome evaluate_read(const Conditions& conditions, const std::optional<std::string>& current,
                          std::chrono::sys_seconds modified = {});

/// For PUT and DELETE: what must hold for the key at the moment of the commit. A tag stands for its revision, whichever
/// representation it was given for.
struct WriteCondition {
  enum class Kind : std::uint8_t { any, exists, absent, revision_is_one_of, revision_is_none_of };
  Kind kind = Kind::any;
  std::vector<RevisionId> revisions = {};
};

/// Errors: bad_header, where both fields stand: no commit needs both.
HttpResult<WriteCondition> write_condition(const Conditions& conditions);

}  // namespace sconce::proto
