#pragma once

#include <filesystem>
#include <memory>

#include "tests/torture/client.h"

namespace sconce::tests {

/// `sconce serve`, struck with SIGKILL.
std::unique_ptr<Victim> make_killed_server(const std::filesystem::path& data);

}  // namespace sconce::tests
