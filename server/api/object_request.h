#pragma once

#include <string>
#include <string_view>

#include "server/api/http_message.h"

namespace sconce::server::api {

/// What every request for an object says in its target.
struct ObjectRequest {
  std::string key;
  std::string format;  // of `?format=`; empty if it does not stand
  bool referenced = true;
};

/// Errors: bad_key, bad_query.
proto::Answer<ObjectRequest> parse_object_request(const RequestHead& head, std::string_view encoded_key);

}  // namespace sconce::server::api
