#pragma once

#include <memory>

#include "server/api/context.h"
#include "server/http/planned_request.h"

namespace sconce::server::api {

/// The server answers. Answered from memory, so that no flood of requests that anybody may make takes the workers'
/// places; `plan_ready`, too. Threads: no state.
std::unique_ptr<PlannedRequest> plan_health();

/// Whether clients can be served, and if not, why: 503 while reads are not, with `writes=true` also while writes are
/// not. Does not wait for the disk. Lifetime: `context` outlives the request. Threads: safe from many. Errors:
/// bad_query.
proto::HttpResult<std::unique_ptr<PlannedRequest>> plan_ready(const RequestHead& head, const ApiContext& context);

}  // namespace sconce::server::api
