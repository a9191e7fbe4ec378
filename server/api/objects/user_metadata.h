#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "server/http/message.h"

namespace sconce::server::api {

/// Names in lower case, without `Sconce-Meta-`.
using UserMetadata = std::vector<std::pair<std::string, std::string>>;

/// Names and values of one object together. Stops listings from being more metadata than keys.
inline constexpr std::size_t kUserMetadataBytesMax = 8 * 1024;

/// The `Sconce-Meta-*` fields of a request, in their order. Threads: no state. Errors: header_too_large, bad_header (no
/// name).
proto::HttpResult<UserMetadata> user_metadata_of(const RequestHead& head);

/// Adds them to an answer.
void add_user_metadata(std::vector<Field>& fields, const UserMetadata& metadata);

}  // namespace sconce::server::api
