#include "proto/entity_tag.h"

#include <charconv>

namespace sconce::proto {

namespace {

constexpr std::size_t kRevisionDigits = 2 * std::tuple_size_v<RevisionId>;

std::unexpected<Problem> wrong(std::string_view field) {
  return refuse(Refusal::bad_header, std::string(field) + " must be * or a list of entity tags in double quotes");
}

void skip_separators(std::string_view& text, std::string_view separators) {
  text.remove_prefix(std::min(text.find_first_not_of(separators), text.size()));
}

}  // namespace

std::string entity_tag_of(const RevisionId& revision, const Representation& representation) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string tag = "\"";
  for (const std::uint8_t byte : revision) {
    tag += kDigits[byte >> 4U];
    tag += kDigits[byte & 15U];
  }
  return tag + '-' + name_of(representation) + '.' + std::to_string(kWriterVersion) + '"';
}

std::optional<RevisionId> revision_of(std::string_view tag) {
  if (tag.size() < kRevisionDigits + 2 || tag.front() != '"' || tag[1 + kRevisionDigits] != '-') return std::nullopt;
  RevisionId revision;
  for (std::size_t i = 0; i < revision.size(); ++i) {
    const char* const begin = tag.data() + 1 + 2 * i;
    const auto parsed = std::from_chars(begin, begin + 2, revision[i], 16);
    if (parsed.ec != std::errc() || parsed.ptr != begin + 2) return std::nullopt;
  }
  return revision;
}

Answer<EntityTags> parse_entity_tags(std::string_view text, std::string_view field) {
  EntityTags parsed;
  skip_separators(text, " \t");
  if (text.starts_with('*')) {
    text.remove_prefix(1);
    skip_separators(text, " \t");
    if (!text.empty()) return wrong(field);
    parsed.any = true;
    return parsed;
  }
  while (skip_separators(text, " \t,"), !text.empty()) {
    EntityTags::Tag tag;
    tag.weak = text.starts_with("W/");
    if (tag.weak) text.remove_prefix(2);
    const std::size_t end = text.starts_with('"') ? text.find('"', 1) : std::string_view::npos;
    if (end == std::string_view::npos) return wrong(field);
    tag.opaque = text.substr(0, end + 1);
    text.remove_prefix(end + 1);
    skip_separators(text, " \t");
    if (!text.empty() && text.front() != ',') return wrong(field);
    parsed.tags.push_back(std::move(tag));
  }
  if (parsed.tags.empty()) return wrong(field);
  return parsed;
}

}  // namespace sconce::proto
