#pragma once

#include <filesystem>
#include <memory>

#include "tests/torture/client.h"

namespace sconce::tests {

/// The RocksDB store in this process, on a disk that is slow, and whose power is cut. Where clients are disturbed the
/// disk does nothing, and what is in memory must be read all the same.
std::unique_ptr<Victim> make_slow_store(const std::filesystem::path& data, std::uint64_t seed);

}  // namespace sconce::tests
