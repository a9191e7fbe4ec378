#include "server/storage/store.h"

#include <semaphore>
#include <utility>

namespace sconce::server::storage {

Result<CommitOutcome> Store::commit(std::vector<Write> writes) {
  Result<CommitOutcome> committed = CommitOutcome{};
  std::binary_semaphore done(0);
  begin_commit(std::move(writes), [&](Result<CommitOutcome> outcome) {
    committed = std::move(outcome);
    done.release();
  });
  done.acquire();
  return committed;
}

}  // namespace sconce::server::storage
