#pragma once

#include <string>
#include <string_view>

#include "proto/http/requests/query.h"
#include "server/api/http_message.h"

namespace sconce::server::api {

/// What every request for an object says in its query.
struct ObjectRequest {
  proto::Query query;
  bool referenced = true;  // of the query
};

/// Errors: bad_query.
proto::Answer<ObjectRequest> parse_object_request(const RequestHead& head, std::span<const proto::Parameter> allowed);

}  // namespace sconce::server::api
