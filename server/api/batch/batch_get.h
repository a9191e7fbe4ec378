#pragma once

#include <memory>

#include "server/api/access/access.h"
#include "server/api/context.h"
#include "server/http/planned_request.h"

namespace sconce::server::api {

/// `POST /v1/batch/get`: many objects, or parts of them, in one response: a tar with an entry for each, or all of them
/// stacked to one tensor. What `caller` may not read is not looked up. Lifetime: `context` outlives the request.
/// Threads: safe from many. Errors: what is wrong with the query or a field.
proto::HttpResult<std::unique_ptr<PlannedRequest>> plan_batch_get(const RequestHead& head, const ApiContext& context,
                                                                  const Caller& caller);

}  // namespace sconce::server::api
