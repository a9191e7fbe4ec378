#pragma once

#include <memory>

#include "server/api/access/access.h"
#include "server/api/context.h"
#include "server/http/planned_request.h"

namespace sconce::server::api {

/// `POST /v1/batch/commit`: a tar of objects that appear all at once, or none. Reads it while it comes; what waits for
/// the commit lies on the disk, so a batch may be larger than memory.
/// If it names a key that `caller` may not write, delete or, for a mere condition, read, the batch is refused whole.
/// Lifetime: `context` outlives the request. Threads: safe from many. Errors: what is wrong with the query or a field.
proto::HttpResult<std::unique_ptr<PlannedRequest>> plan_batch_commit(const RequestHead& head, const ApiContext& context,
                                                                     const Caller& caller);

}  // namespace sconce::server::api
