#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "proto/canonical_intake.h"

namespace sconce::server::api {

/// A file without a name in `directory`, which goes with this. Errors: io_error, no_space.
core::Result<std::unique_ptr<proto::Spool>> make_spool_file(const std::filesystem::path& directory,
                                                            std::uint64_t bytes_max);

}  // namespace sconce::server::api
