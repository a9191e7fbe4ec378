#pragma once

#include <cstdint>
#include <optional>

#include "server/api/context.h"
#include "server/api/http_message.h"

namespace sconce::server::api {

/// `POST /v1/convert`: the body, or a part of it, in another format; nothing is stored. The object lies on the disk
/// until the answer has been sent.
Begun begin_convert(const RequestHead& head, std::optional<std::uint64_t> body_bytes, const ApiContext& context);

}  // namespace sconce::server::api
