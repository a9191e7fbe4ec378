#pragma once

#include <map>
#include <mutex>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// Which revisions are being read, and which of those no key names any more. Threads: safe from many.
class RevisionPins {
 public:
  void pin(const Revision& revision);

  /// True if this was the last reader of a retired revision: its bytes may go.
  [[nodiscard]] bool unpin(const Revision& revision);

  /// No key names the revision any more. True if nobody reads it: its bytes may go. Otherwise the last `unpin` says so.
  [[nodiscard]] bool retire(const Revision& revision);

 private:
  struct Pin {
    std::size_t readers = 0;
    bool retired = false;
  };
  std::mutex mutex_;
  std::map<Revision, Pin> pins_;
};

}  // namespace sconce::server::storage
