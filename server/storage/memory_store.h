#pragma once

#include <memory>

#include "server/storage/engine.h"

namespace sconce::server::storage {

/// An engine without a disk, so that nothing in it survives the process: for tests, and to measure what a disk costs.
/// `object_bytes_max`: of one object. Threads: safe from many.
std::unique_ptr<StorageEngine> make_memory_store(std::uint64_t object_bytes_max);

}  // namespace sconce::server::storage
