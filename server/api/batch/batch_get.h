#pragma once

#include "server/api/access/access.h"
#include "server/api/context.h"
#include "server/api/http_message.h"

namespace sconce::server::api {

/// `POST /v1/batch/get`: many objects, or parts of them, in one answer: a tar with an entry for each, or all of them
/// stacked to one tensor. What `caller` may not read is not looked up.
Begun begin_batch_get(const RequestHead& head, const ApiContext& context, const Caller& caller);

/// The whole answer, if all it takes is in memory, and it is a tar of few bytes. Does not block. Nothing where that is
/// not so.
std::optional<Response> batch_get_from_memory(const RequestHead& head, std::string_view body, const ApiContext& context,
                                              const Caller& caller);

}  // namespace sconce::server::api
