#pragma once

#include <rocksdb/slice.h>

#include <cstring>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// Lifetime: the slice points into `revision`. Threads: no state.
inline rocksdb::Slice slice_of(const Revision& revision) {
  return {reinterpret_cast<const char*>(revision.bytes.data()), revision.bytes.size()};
}

/// Errors: corrupt.
inline Result<Revision> revision_of(rocksdb::Slice key) {
  Revision revision;
  if (key.size() != revision.bytes.size()) return core::fail(core::ErrorCode::corrupt, "a revision has a wrong size");
  std::memcpy(revision.bytes.data(), key.data(), key.size());
  return revision;
}

}  // namespace sconce::server::storage
