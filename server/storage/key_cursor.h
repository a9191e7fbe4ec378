#pragma once

#include <string_view>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// Goes over the keys of a store, in the order of their bytes, as they stand at one moment. Threads: one at a time.
/// Errors: those of the store.
class KeyCursor {
 public:
  virtual ~KeyCursor() = default;
  /// To the first key that is not less than this one.
  virtual void seek(std::string_view key) = 0;
  virtual void next() = 0;
  /// False behind the last key, and after an error.
  virtual bool valid() const = 0;
  /// Valid until the cursor moves.
  virtual std::string_view key() const = 0;
  virtual Result<ObjectMeta> meta() const = 0;
  virtual Status status() const = 0;
};

/// What every store lists.
Result<Listing> list_keys(KeyCursor& cursor, const ListQuery& query);

}  // namespace sconce::server::storage
