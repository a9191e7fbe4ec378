#pragma once

#include "server/storage/cached_store.h"
#include "server/storage/scratch_space.h"
#include "server/storage/store_admin.h"

namespace sconce::server::storage {

/// A whole storage engine, as one process owns it. Who uses it takes the side that it needs: Store, CachedStore,
/// StoreAdmin or ScratchSpace. Threads, lifetime, errors: as each of them says.
class StorageEngine : public CachedStore, public StoreAdmin, public ScratchSpace {};

}  // namespace sconce::server::storage
