#pragma once

#include <string>
#include <string_view>

#include "core/classes/undeclared_classes.h"
#include "proto/formats/skipped_entries.h"
#include "proto/http/fields/entity_tag.h"
#include "server/http/message.h"
#include "server/observe/log.h"
#include "server/storage/store.h"

namespace sconce::server::api {

inline std::string entity_tag_of(const storage::ObjectMeta& meta, const proto::Representation& representation) {
  return proto::entity_tag_of(meta.revision.bytes, representation);
}

/// Of a field of a request; nothing if there is no such field, or it is no date. `name` in lower case. Threads: safe
/// from many, as are all of these functions.
std::optional<std::chrono::sys_seconds> date_of(const RequestHead& head, std::string_view name);

/// Tells with `Sconce-Undeclared` which classes were taken to write one object; without any, nothing.
void add_undeclared(Response& response, const core::UndeclaredClasses& classes);

/// Tells with `Sconce-Skipped` which entries of an archive were left out; without any, nothing.
void add_skipped(Response& response, const proto::SkippedEntries& skipped);

Response key_not_found();

/// What cannot be read of an object, or said of it: a failure of the server's goes to the log too.
proto::Problem stored_problem(observe::Log& log, std::string_view doing, const core::Error& error);

/// The store failed: the log is told all of it, the client the code.
proto::Problem failed_problem(observe::Log& log, std::string_view doing, const core::Error& error);
Response failed_response(observe::Log& log, std::string_view doing, const core::Error& error);

/// Bodies come as they are: no coding but identity. Errors: unsupported_media_type.
proto::HttpResult<void> check_content_encoding(const RequestHead& head);

}  // namespace sconce::server::api
