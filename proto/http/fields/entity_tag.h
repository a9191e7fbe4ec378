#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/http/fields/representation.h"
#include "proto/http/problem.h"

namespace sconce::proto {

/// A write of a key, as the store names it.
using RevisionId = std::array<std::uint8_t, 16>;

/// The strong entity tag of one representation of one revision, with its quotes:
/// `"0190f0c1e2a30000b1c2d3e4f5061728-ascii.1"`, the revision in hexadecimal, the representation, the writer's version.
std::string entity_tag_of(const RevisionId& revision, const Representation& representation);

/// The revision that a tag of ours (with its quotes) speaks of, whichever version wrote it; nothing if it is not one of
/// ours.
std::optional<RevisionId> revision_of(std::string_view tag);

/// What stands in If-Match or If-None-Match.
struct EntityTags {
  struct Tag {
    bool weak = false;
    std::string opaque;  // with its quotes
  };
  bool any = false;  // `*`
  std::vector<Tag> tags;
};

/// Stops one condition from being looked through for ever: a client has few revisions of one object.
inline constexpr std::size_t kEntityTagsMax = 100;

/// Threads: no state. Errors: bad_header, naming `field`; also for more than kEntityTagsMax. Source: RFC 9110, sections
/// 8.8.3 and 13.1.
HttpResult<EntityTags> parse_entity_tags(std::string_view text, std::string_view field);

}  // namespace sconce::proto
