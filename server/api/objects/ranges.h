#pragma once

#include <string_view>

#include "server/api/http_message.h"

namespace sconce::server::api {

/// Makes of a 200 the answer that Range and If-Range ask for: 206 with one part or several (multipart/byteranges), 416,
/// or the same 200. Says in Accept-Ranges whether parts can be had. `entity_tag` is the representation's; `boundary`
/// separates several parts, and must not be known to who wrote them.
/// Source: RFC 9110, sections 13.1.5, 14 and 15.3.7.
Response with_ranges(const RequestHead& head, Response whole, std::string_view entity_tag, std::string_view boundary);

}  // namespace sconce::server::api
