#pragma once

#include <optional>

#include "server/api/http_message.h"
#include "server/storage/store.h"

namespace sconce::server::api {

/// What If-Match and If-None-Match ask of a write. Errors: bad_header.
proto::Answer<storage::Condition> condition_of(const RequestHead& head);

/// The answer to a write whose condition does not hold for a key in this state.
Response precondition_failed(const std::optional<storage::ObjectMeta>& current);

}  // namespace sconce::server::api
