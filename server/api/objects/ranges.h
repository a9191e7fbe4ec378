#pragma once

#include <string_view>

#include "server/http/message.h"

namespace sconce::server::api {

/// Makes of a 200 the answer that Range and If-Range ask for: 206 with one part or several (multipart/byteranges), 416,
/// or the same 200. The request has a Range field. `entity_tag` is the representation's; `boundary`
/// separates several parts, and must not be known to who wrote them.
/// Threads: no state. Source: RFC 9110, sections 13.1.5, 14 and 15.3.7.
Response with_ranges(const RequestHead& head, Response whole, std::string_view entity_tag, std::string_view boundary);

/// Whether parts of the response's body can be had.
inline bool can_be_ranged(const Response& whole) { return whole.body->can_seek() && whole.body->size_bytes(); }

}  // namespace sconce::server::api
