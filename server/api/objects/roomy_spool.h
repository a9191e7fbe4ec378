#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/bytes/spool.h"
#include "server/api/context.h"

namespace sconce::server::api {

/// A temporary file beside the data, for what can only be read once all of it has come: up to `body_bytes_max`, as long
/// as the store has room for it. `size_hint`: how much will come, where it is known. Errors: no_space, io_error.
core::Result<std::unique_ptr<core::Spool>> make_roomy_spool(const ApiContext& context,
                                                            std::optional<std::uint64_t> size_hint);

}  // namespace sconce::server::api
