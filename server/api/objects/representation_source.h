#pragma once

#include <memory>

#include "proto/formats/convert/object_output.h"
#include "server/api/context.h"
#include "server/api/objects/request_objects.h"
#include "server/http/message.h"

namespace sconce::server::api {

/// An object's canonical bytes, and where its outline is; if it is nowhere, it is made. Threads: one at a time.
struct CanonicalObject {
  std::shared_ptr<core::ByteSource> bytes;
  storage::RevisionReader* stored = nullptr;  // these bytes, where a store has them
  std::shared_ptr<const core::Outline> outline = nullptr;
  std::shared_ptr<RequestObjects> request;
};

/// A stored one, with the outline that is kept of it.
CanonicalObject canonical_object(std::shared_ptr<storage::RevisionReader> reader,
                                 std::shared_ptr<RequestObjects> request);
/// The same, for a request that is for nothing more.
inline CanonicalObject canonical_object(std::shared_ptr<storage::RevisionReader> reader, const ApiContext& context) {
  return canonical_object(std::move(reader), std::make_shared<RequestObjects>(*context.memory));
}

/// The bytes of an object, or of a part of it, as `plan` says, made while they are sent. Up to 1 MiB they are made at
/// once, so that their size is known. Lifetime: `context` outlives the source. Errors: as proto::begin_output; corrupt,
/// io_error.
core::Result<std::unique_ptr<BodySource>> representation_source(const CanonicalObject& object,
                                                                const proto::OutputPlan& plan,
                                                                const ApiContext& context);

/// The same, with a size that is known, which may cost making it twice.
core::Result<std::unique_ptr<BodySource>> sized_source(const CanonicalObject& object, const proto::OutputPlan& plan,
                                                       const ApiContext& context);

/// The stored bytes as they are.
std::unique_ptr<BodySource> stored_source(std::shared_ptr<storage::RevisionReader> reader);

/// Whether its bytes are the stored ones with at most a head in front, so that nothing has to be made or copied.
bool is_zero_copy(const CanonicalObject& object, const proto::OutputPlan& plan, const ApiContext& context);

inline proto::OutputLimits limits_of(const ApiContext& context) {
  return {.held_bytes_max = context.held_bytes_max, .expanded_bytes_max = context.expanded_bytes_max};
}

/// Its parts; the same ones if the request has opened them before. Errors: as core::ObjectParts::open; corrupt,
/// io_error.
core::Result<std::shared_ptr<core::ObjectParts>> open_parts(const CanonicalObject& object, const ApiContext& context);

}  // namespace sconce::server::api
