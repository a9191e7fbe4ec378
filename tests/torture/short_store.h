#pragma once

#include <filesystem>
#include <memory>

#include "tests/faults/rocksdb_faulty_files.h"
#include "tests/torture/client.h"

namespace sconce::tests {

/// The RocksDB store in this process, in which space or descriptors run out at a random change to a file. It is to come
/// back by itself once there are some again; every few times the power is cut besides, and it is opened again.
std::unique_ptr<Victim> make_short_store(const std::filesystem::path& data, std::uint64_t seed,
                                         FaultyFiles::Fault shortage);

}  // namespace sconce::tests
