#include "server/storage/store_admin.h"

#include <semaphore>
#include <utility>

namespace sconce::server::storage {

core::Result<Compaction> StoreAdmin::compact() {
  core::Result<Compaction> compacted = Compaction::done;
  std::binary_semaphore done(0);
  begin_compact([&](core::Result<Compaction> outcome) {
    compacted = std::move(outcome);
    done.release();
  });
  done.acquire();
  return compacted;
}

}  // namespace sconce::server::storage
