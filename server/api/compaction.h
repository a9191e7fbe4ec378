#pragma once

#include "server/api/context.h"
#include "server/api/http_message.h"

namespace sconce::server::api {

/// POST /v1/admin/compact: answers when it is done, and holds no thread until then.
Begun begin_compaction(const ApiContext& context);

}  // namespace sconce::server::api
