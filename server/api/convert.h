#pragma once

#include <optional>
#include <span>

#include "server/api/http_message.h"
#include "server/api/objects.h"

namespace sconce::server::api {

/// Whether a conversion can succeed, as far as that can be told before the body: the refusal, or nothing.
std::optional<Response> refuse_convert(const RequestHead& head, const ApiContext& context);

/// `POST /v1/convert`: the body in another format; nothing is stored. Takes long for large bodies.
Response convert(const RequestHead& head, std::span<const std::byte> body, const ApiContext& context);

}  // namespace sconce::server::api
