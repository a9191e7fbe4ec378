#pragma once

#include <memory>

#include "server/api/context.h"
#include "server/http/planned_request.h"

namespace sconce::server::api {

/// `POST /v1/convert`: the body, or a part of it, in another format; nothing is stored. The object lies on the disk
/// until the answer has been sent.
/// Lifetime: `context` outlives the request. Threads: safe from many. Errors: what is wrong with the query or a field.
proto::HttpResult<std::unique_ptr<PlannedRequest>> plan_convert(const RequestHead& head, const ApiContext& context);

}  // namespace sconce::server::api
