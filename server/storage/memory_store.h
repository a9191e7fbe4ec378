#pragma once

#include <memory>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// The store's contract without a disk, so nothing in it survives the process: for tests and for measuring what a disk
/// costs.
std::unique_ptr<Store> make_memory_store(std::uint64_t object_bytes_max);

}  // namespace sconce::server::storage
