#pragma once

#include "server/api/access/access.h"
#include "server/api/context.h"
#include "server/api/http_message.h"

namespace sconce::server::api {

/// `GET /v1/objects`: a page of keys as JSON, or all of them as lines of JSON, made while they are sent.
/// `caller` must have the right to list all of what the prefix asks for.
Response list_objects(const RequestHead& head, const ApiContext& context, const Caller& caller);

}  // namespace sconce::server::api
