#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "core/error.h"

namespace sconce::server {

struct RepairedData {
  std::uint64_t objects = 0;  // that are whole
  std::uint64_t bytes = 0;    // of them
  std::uint64_t damages = 0;
  std::uint64_t not_repairable = 0;  // of the damages
  /// Where copies of damaged files are now; empty if there are none.
  std::filesystem::path removed;
};

/// Saves what can be saved of a damaged data directory that no server has open. Unless `apply` is true it only tells
/// what it would do, and changes nothing. `found` is told of each damage: where it is, what it is, and what is done.
/// Threads: the caller's alone; a server is kept away meanwhile. Errors: not_found, io_error (in use, no access, a
/// newer layout), corrupt (it cannot be opened at all).
core::Result<RepairedData> repair_data(const std::filesystem::path& directory, bool apply,
                                       const std::function<void(const std::string& where, const core::Error&)>& found);

}  // namespace sconce::server
