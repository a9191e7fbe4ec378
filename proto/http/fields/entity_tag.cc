#include "proto/http/fields/entity_tag.h"

#include <algorithm>
#include <tuple>

#include "core/ascii.h"

namespace sconce::proto {

namespace {

constexpr std::size_t kRevisionDigits = 2 * std::tuple_size_v<RevisionId>;
constexpr std::size_t kTagBytesUsual = 64;

std::unexpected<Problem> wrong(std::string_view field) {
  return refuse(RequestError::bad_header, std::string(field) + " must be * or a list of entity tags in double quotes");
}

void skip_separators(std::string_view& text, std::string_view separators) {
  text.remove_prefix(std::min(text.find_first_not_of(separators), text.size()));
}

}  // namespace

std::string entity_tag_of(const RevisionId& revision, const Representation& representation) {
  std::string tag;
  tag.reserve(kTagBytesUsual);
  tag.append(1 + kRevisionDigits, '"');
  for (std::size_t i = 0; i < revision.size(); ++i) {
    std::ranges::copy(core::hex_digits(revision[i]), tag.begin() + static_cast<std::ptrdiff_t>(1 + 2 * i));
  }
  return tag.append(1, '-').append(name_of(representation)).append(1, '"');
}

std::optional<RevisionId> revision_of(std::string_view tag) {
  if (tag.size() < kRevisionDigits + 3 || tag.front() != '"' || tag.back() != '"') return std::nullopt;
  tag = tag.substr(1, tag.size() - 2);
  if (tag[kRevisionDigits] != '-' || !names_representation(tag.substr(kRevisionDigits + 1))) return std::nullopt;
  RevisionId revision;
  for (std::size_t i = 0; i < revision.size(); ++i) {
    const std::string_view digits = tag.substr(2 * i, 2);
    if (!std::ranges::all_of(digits, core::is_lower_hex_digit)) return std::nullopt;
    revision[i] = static_cast<std::uint8_t>(core::hex_digit_value(digits[0]) << 4 | core::hex_digit_value(digits[1]));
  }
  return revision;
}

HttpResult<EntityTags> parse_entity_tags(std::string_view text, std::string_view field) {
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
    if (parsed.tags.size() == kEntityTagsMax) {
      return refuse(RequestError::bad_header,
                    std::string(field) + " has at most " + std::to_string(kEntityTagsMax) + " entity tags");
    }
    parsed.tags.push_back(std::move(tag));
  }
  if (parsed.tags.empty()) return wrong(field);
  return parsed;
}

}  // namespace sconce::proto
