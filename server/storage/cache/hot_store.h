#pragma once

#include <memory>

#include "server/storage/cache/hot_objects.h"
#include "server/storage/engine.h"

namespace sconce::server::storage {

/// `engine` with a cache of small objects in front, which are found without asking it. `engine` announces its changes
/// to `hot`, all of them, from its first commit on. What is found in `hot` counts as read in `counters`.
/// Lifetime: `counters` live as long as the engine. Threads: safe from many. Errors: the engine's.
std::unique_ptr<StorageEngine> with_hot_objects(std::unique_ptr<StorageEngine> engine, std::shared_ptr<HotObjects> hot,
                                                StoreCounters& counters);

}  // namespace sconce::server::storage
