#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/bytes/spool.h"
#include "server/api/context.h"

namespace sconce::server::api {

/// A temporary file beside the data, for what can only be read once all of it has come: up to `body_bytes_max`, as long
/// as the store has room for it. `size_hint`: how much will come, where it is known. Lifetime: the store outlives it.
/// Threads: safe from many; one spool, one at a time. Errors: no_space, io_error, unavailable (too many files are
/// open).
core::Result<std::unique_ptr<core::Spool>> make_roomy_spool(const ApiContext& context,
                                                            std::optional<std::uint64_t> size_hint);

}  // namespace sconce::server::api
