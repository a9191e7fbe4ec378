#pragma once

#include "server/storage/forwarding_engine.h"
#include "server/storage/memory_store.h"

namespace sconce::tests {

/// A store in memory, for tests that change some of what it does.
class ForwardingStore : public server::storage::ForwardingEngine {
 public:
  ForwardingStore() : ForwardingEngine(server::storage::make_memory_store(64 << 20)) {}
};

}  // namespace sconce::tests
