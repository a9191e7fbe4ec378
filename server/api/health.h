#pragma once

#include "server/api/context.h"
#include "server/api/http_message.h"

namespace sconce::server::api {

/// The server answers. Does not block.
Response healthy();

/// Whether clients can be served, and if not, why: 503 while reads are not, with `writes=true` also while writes are
/// not. Does not wait for the disk.
Response ready(const RequestHead& head, const ApiContext& context);

}  // namespace sconce::server::api
