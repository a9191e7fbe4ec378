#pragma once

#include <filesystem>

namespace sconce::tests {

/// Runs `sconce check --data`. Throws what it says, unless everything is as it was written.
void check_data(const std::filesystem::path& data);

}  // namespace sconce::tests
