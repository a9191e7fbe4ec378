#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/format.h"
#include "proto/problem.h"

namespace sconce::proto {

/// `type/subtype; name=value`, as it stands in Content-Type and, with wildcards, in Accept. Type, subtype and names of
/// parameters in lower case. Source: RFC 9110, sections 8.3.1 and 12.5.1.
struct MediaRange {
  struct Parameter {
    std::string name;
    std::string value;
  };
  std::string type;
  std::string subtype;
  std::vector<Parameter> parameters;  // without q
  int quality_thousandths = 1000;

  /// Null if there is none of this name.
  const std::string* parameter(std::string_view name) const;
};

/// Reads a comma-separated list; empty elements are skipped. Errors: bad_header.
Answer<std::vector<MediaRange>> parse_media_ranges(std::string_view text);

/// Media type of a format: `application/x-torch7`, `application/x-torch7; format=ascii`, ….
std::string media_type_of(core::Format format);

/// The format of a request's body. `format` is the query parameter, which wins, `content_type` the header field; both may
/// be empty. `automatic` where neither says it: none, application/octet-stream, and application/x-www-form-urlencoded,
/// which curl sends where nobody said anything. Errors: unsupported_media_type, bad_header.
Answer<core::Format> body_format(std::string_view format, std::string_view content_type);

/// The format of an answer: `format` is the query parameter, which wins, `accept` the header field; both may be empty.
/// Binary where neither says it. Errors: not_acceptable, bad_header.
Answer<core::Format> answer_format(std::string_view format, std::string_view accept);

}  // namespace sconce::proto
