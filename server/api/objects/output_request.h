#pragma once

#include <span>

#include "proto/formats/convert/object_output.h"
#include "proto/http/requests/query.h"

namespace sconce::server::api {

/// What is to be written: `format`, as it was negotiated, and the parameters above. Threads: no state. Errors:
/// bad_query, naming the byte of a path or slice that cannot be read.
proto::HttpResult<proto::OutputPlan> output_plan_of(const proto::Query& query, proto::ObjectFormat format);

/// The path that a query names; without one, the root. Errors: bad_query.
proto::HttpResult<core::Path> path_of(const proto::Query& query);

}  // namespace sconce::server::api
