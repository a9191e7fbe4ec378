#pragma once

#include <string>
#include <string_view>

#include "proto/formats/object_format.h"
#include "proto/http/problem.h"

namespace sconce::proto {

/// Media type of a format: `application/x-torch7`, `application/x-torch7; format=ascii`, `application/x-npy`, ….
/// Threads: no state.
std::string media_type_of(ObjectFormat format);

/// The format of a request's body. `format` is the query parameter, which wins, `content_type` the header field; both
/// may be empty. `automatic` where neither says it: none, application/octet-stream, and
/// application/x-www-form-urlencoded, which curl sends with `--data-binary` where nobody said anything. Errors:
/// unsupported_media_type, bad_header.
HttpResult<ObjectFormat> body_format(std::string_view format, std::string_view content_type);

/// The format of an answer: `format` is the query parameter, which wins, `accept` the header field; both may be empty.
/// Of formats that Accept likes equally well, the first in the order of `kObjectFormatNames`. `application/x-torch7`
/// without a parameter means binary alone. Binary where neither says it. Errors: not_acceptable, bad_header.
HttpResult<ObjectFormat> answer_format(std::string_view format, std::string_view accept);

}  // namespace sconce::proto
