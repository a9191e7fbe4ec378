#pragma once

#include "server/api/http_message.h"

namespace sconce::server::api {

/// A request whose body is checked against Content-Digest and Repr-Digest, where they stand: before it is finished, so
/// that nothing comes of a body that is not what was sent. A body has no coding and is never a part, so both speak of
/// the same bytes. Errors: bad_header.
Begun with_digest_checked(const RequestHead& head, std::unique_ptr<RequestBody> body);

}  // namespace sconce::server::api
