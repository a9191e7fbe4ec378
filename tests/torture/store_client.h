#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "server/storage/store.h"
#include "tests/torture/client.h"

namespace sconce::tests {

/// What becomes of answers that say what the store holds, once it is struck.
enum class ReadsWhileStruck : std::uint8_t {
  are_answered,
  reach_nobody,  // the power is cut: what this process still reads from its memory, no client gets
};

/// A client of a store in this process. What fails once `struck` has no known outcome; before, it is a fault. Both are
/// borrowed.
std::unique_ptr<Client> make_store_client(server::storage::Store& store, const std::atomic<bool>& struck,
                                          ReadsWhileStruck reads);

}  // namespace sconce::tests
