#pragma once

#include "server/api/http_message.h"
#include "server/api/objects.h"

namespace sconce::server::api {

/// `POST /v1/batch/commit`: a tar of objects that appear all at once, or none. Reads it while it comes; what waits for
/// the commit lies on the disk, so a batch may be larger than memory.
Begun begin_batch_commit(const RequestHead& head, const ApiContext& context);

}  // namespace sconce::server::api
