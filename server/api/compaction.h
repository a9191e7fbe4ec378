#pragma once

#include <memory>

#include "server/api/context.h"
#include "server/http/planned_request.h"

namespace sconce::server::api {

/// POST /v1/admin/compact: answers when it is done, and holds no thread until then. Lifetime: `context` outlives the
/// request. Threads: safe from many.
std::unique_ptr<PlannedRequest> plan_compaction(const ApiContext& context);

}  // namespace sconce::server::api
