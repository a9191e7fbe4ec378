#pragma once

#include <memory>

#include "proto/representation.h"
#include "server/api/objects.h"

namespace sconce::server::api {

/// The bytes of an object in a representation other than its canonical one, made while they are sent. Small ones are
/// made at once, so that their size is known. Errors: unrepresentable, limit_exceeded (writing shared parts in full
/// needs the whole object in memory), corrupt, io_error.
core::Result<std::unique_ptr<BodySource>> representation_source(std::shared_ptr<storage::RevisionReader> reader,
                                                                const proto::Representation& representation,
                                                                const ApiContext& context);

}  // namespace sconce::server::api
