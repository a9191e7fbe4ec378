#pragma once

#include <memory>

#include "server/http/planned_request.h"

namespace sconce::server::api {

/// The request, with its body checked against Content-Digest and Repr-Digest, of which the head has one: before the
/// handler completes, so that nothing is made of a body that is not what was sent. A body has no coding and is never a
/// part, so both fields describe the same bytes. Threads: no state. Errors: bad_header.
proto::HttpResult<std::unique_ptr<PlannedRequest>> with_digest_checked(const RequestHead& head,
                                                                       std::unique_ptr<PlannedRequest> request);

}  // namespace sconce::server::api
