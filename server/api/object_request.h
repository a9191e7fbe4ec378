#pragma once

#include <string>
#include <string_view>

#include "proto/query.h"
#include "server/api/http_message.h"

namespace sconce::server::api {

/// What every request for an object says in its target.
struct ObjectRequest {
  std::string key;
  proto::Query query;
  bool referenced = true;  // of the query
};

/// Errors: bad_key, bad_query.
proto::Answer<ObjectRequest> parse_object_request(const RequestHead& head, std::string_view encoded_key,
                                                  std::span<const proto::Parameter> allowed);

}  // namespace sconce::server::api
