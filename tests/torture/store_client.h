#pragma once

#include <atomic>
#include <memory>

#include "server/storage/store.h"
#include "tests/torture/client.h"

namespace sconce::tests {

/// A client of a store in this process. What fails once `struck` has no known outcome; before, it is a fault. Both are
/// borrowed.
std::unique_ptr<Client> make_store_client(server::storage::Store& store, const std::atomic<bool>& struck);

}  // namespace sconce::tests
