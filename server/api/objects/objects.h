#pragma once

#include <memory>
#include <string>

#include "server/api/context.h"
#include "server/http/planned_request.h"

namespace sconce::server::api {

/// The endpoints of one object; `key` is decoded, and the client may do what it asks for. Lifetime: `head` and
/// `context` outlive the request. Threads: safe from many. Errors: what is wrong with the query or a field.

/// PUT: stores the canonical bytes of the body (core/outline/canonical_writer.h) while it comes.
proto::HttpResult<std::unique_ptr<PlannedRequest>> plan_put(const RequestHead& head, std::string key,
                                                            const ApiContext& context);

proto::HttpResult<std::unique_ptr<PlannedRequest>> plan_delete(const RequestHead& head, std::string key,
                                                               const ApiContext& context);

/// GET and HEAD.
proto::HttpResult<std::unique_ptr<PlannedRequest>> plan_read(const RequestHead& head, std::string key,
                                                             const ApiContext& context);

}  // namespace sconce::server::api
