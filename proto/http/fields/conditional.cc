#include "proto/http/fields/conditional.h"

#include <algorithm>

namespace sconce::proto {

namespace {

HttpResult<std::optional<EntityTags>> parse_field(const std::string* text, std::string_view field) {
  if (text == nullptr) return std::nullopt;
  HttpResult<EntityTags> tags = parse_entity_tags(*text, field);
  if (!tags) return std::unexpected(std::move(tags.error()));
  return std::move(*tags);
}

bool matches(const EntityTags& tags, const std::optional<std::string>& current, bool strongly) {
  if (!current) return false;
  if (tags.any) return true;
  return std::ranges::any_of(
      tags.tags, [&](const EntityTags::Tag& tag) { return tag.opaque == *current && !(strongly && tag.weak); });
}

std::vector<RevisionId> revisions_of(const EntityTags& tags, bool strongly) {
  std::vector<RevisionId> revisions;
  for (const EntityTags::Tag& tag : tags.tags) {
    if (strongly && tag.weak) continue;
    if (const auto revision = revision_of(tag.opaque)) revisions.push_back(*revision);
  }
  return revisions;
}

}  // namespace

HttpResult<Conditions> parse_conditions(const std::string* if_match, const std::string* if_none_match) {
  HttpResult<std::optional<EntityTags>> match = parse_field(if_match, "If-Match");
  if (!match) return std::unexpected(std::move(match.error()));
  HttpResult<std::optional<EntityTags>> none_match = parse_field(if_none_match, "If-None-Match");
  if (!none_match) return std::unexpected(std::move(none_match.error()));
  return Conditions{.if_match = std::move(*match), .if_none_match = std::move(*none_match)};
}

ReadOutcome evaluate_read(const Conditions& conditions, const std::optional<std::string>& current,
                          std::chrono::sys_seconds modified) {
  const auto is_later_than = [&](const std::optional<std::chrono::sys_seconds>& date) { return modified > *date; };
  if (conditions.if_match) {
    if (!matches(*conditions.if_match, current, true)) return ReadOutcome::precondition_failed;
  } else if (current && conditions.if_unmodified_since && is_later_than(conditions.if_unmodified_since)) {
    return ReadOutcome::precondition_failed;
  }
  if (conditions.if_none_match) {
    if (matches(*conditions.if_none_match, current, false)) return ReadOutcome::not_modified;
  } else if (current && conditions.if_modified_since && !is_later_than(conditions.if_modified_since)) {
    return ReadOutcome::not_modified;
  }
  return ReadOutcome::proceed;
}

HttpResult<WriteCondition> write_condition(const Conditions& conditions) {
  using Kind = WriteCondition::Kind;
  if (conditions.if_match && conditions.if_none_match) {
    return refuse(RequestError::bad_header, "a write takes If-Match or If-None-Match, not both");
  }
  if (conditions.if_match) {
    if (conditions.if_match->any) return WriteCondition{.kind = Kind::exists};
    return WriteCondition{Kind::revision_is_one_of, revisions_of(*conditions.if_match, true)};
  }
  if (conditions.if_none_match) {
    if (conditions.if_none_match->any) return WriteCondition{.kind = Kind::absent};
    return WriteCondition{Kind::revision_is_none_of, revisions_of(*conditions.if_none_match, false)};
  }
  return WriteCondition{};
}

}  // namespace sconce::proto
