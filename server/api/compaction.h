#pragma once

#include <memory>

#include "server/api/context.h"
#include "server/http/planned_request.h"

namespace sconce::server::api {

/// POST /v1/admin/compact: answers when it is done, and holds no thread until then.
std::unique_ptr<PlannedRequest> plan_compaction(const ApiContext& context);

}  // namespace sconce::server::api
