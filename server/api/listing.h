#pragma once

#include "server/api/http_message.h"
#include "server/api/objects.h"

namespace sconce::server::api {

/// `GET /v1/objects`: a page of keys as JSON, or all of them as lines of JSON, made while they are sent.
Response list_objects(const RequestHead& head, const ApiContext& context);

}  // namespace sconce::server::api
