#pragma once

#include "server/api/access/access.h"
#include "server/api/context.h"
#include "server/api/http_message.h"

namespace sconce::server::api {

/// `POST /v1/batch/commit`: a tar of objects that appear all at once, or none. Reads it while it comes; what waits for
/// the commit lies on the disk, so a batch may be larger than memory.
/// A key that `caller` may not write, delete or, for a mere condition, read: the batch is refused whole.
Begun begin_batch_commit(const RequestHead& head, const ApiContext& context, const Caller& caller);

}  // namespace sconce::server::api
