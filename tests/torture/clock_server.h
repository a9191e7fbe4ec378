#pragma once

#include <filesystem>
#include <memory>

#include "tests/torture/client.h"

namespace sconce::tests {

/// `sconce serve` whose wall clock is set back and forward, while it serves and while it is down. Struck with SIGKILL;
/// `sconce check` then finds no damage, and a listing has no time that the clock has not shown.
std::unique_ptr<Victim> make_clock_server(const std::filesystem::path& directory, std::uint64_t seed);

}  // namespace sconce::tests
