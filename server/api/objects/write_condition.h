#pragma once

#include <optional>
#include <string_view>

#include "proto/http/fields/conditional.h"
#include "server/api/context.h"
#include "server/http/message.h"
#include "server/storage/store.h"

namespace sconce::server::api {

storage::Condition storage_condition(const proto::WriteCondition& condition);

/// What If-Match and If-None-Match ask of a write. Threads: no state. Errors: bad_header; precondition_required, where
/// writes must have one.
proto::HttpResult<storage::Condition> condition_of(const RequestHead& head, const ApiContext& context);

/// The answer to a write whose condition does not hold for a key in this state, and why. `which` is the key, as a word
/// for the sentence.
Response precondition_failed(const storage::Condition& condition, const std::optional<storage::ObjectMeta>& current,
                             std::string_view which = "the key");

/// What is said where If-Match has no tag that could hold: a proxy that compresses weakens them.
inline constexpr std::string_view kNoStrongTag =
    "If-Match has no strong entity tag of this server, so it never holds; a weak one (W/\"…\"), which a proxy that "
    "compresses makes of it, is to be sent without W/";

}  // namespace sconce::server::api
