#pragma once

#include <memory>

#include "server/api/access/access.h"
#include "server/api/context.h"
#include "server/http/planned_request.h"

namespace sconce::server::api {

/// `GET /v1/objects`: a page of keys as JSON, or all of them as lines of JSON, made while they are sent.
/// Lifetime: `context` outlives the request. Threads: safe from many. Errors: what is wrong with the query; forbidden,
/// unauthorized: `caller` may not list all that the prefix asks for.
proto::HttpResult<std::unique_ptr<PlannedRequest>> plan_listing(const RequestHead& head, const ApiContext& context,
                                                                const Caller& caller);

}  // namespace sconce::server::api
