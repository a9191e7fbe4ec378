#pragma once

#include <filesystem>
#include <memory>

#include "tests/torture/client.h"

namespace sconce::tests {

/// The RocksDB store in this process, on a disk whose power is cut: what was not synced is gone.
std::unique_ptr<Victim> make_powerless_store(const std::filesystem::path& data, std::uint64_t seed);

}  // namespace sconce::tests
