#include "server/storage/commits/pending_commit.h"

#include <new>
#include <utility>

namespace sconce::server::storage {

void complete(PendingCommit& commit) noexcept {
  commit.writes.clear();
  try {
    commit.committed(std::move(commit.outcome));
  } catch (const std::bad_alloc&) {  // whoever waits is cut off; all others go on
  }
}

}  // namespace sconce::server::storage
