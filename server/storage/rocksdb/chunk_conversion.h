#pragma once

#include <functional>
#include <string>

#include "server/storage/rocksdb/commit_writer.h"
#include "server/storage/rocksdb/opener.h"
#include "server/storage/rocksdb/upload.h"

namespace sconce::server::storage {

/// Writes large objects that are in chunks, as layouts before 5 have them, into packs: key by key, each by a commit
/// that changes nothing but where the bytes lie.
///
/// Lifetime: all that it is given outlives it. Threads: safe from many, one after the other.
class ChunkConversion {
 public:
  struct Parts {
    RocksdbDatabase& database;
    RevisionClock& clock;
    RocksdbOpener& opener;
    CommitWriter& writer;
    RocksdbUpload::Discard discard;
    const Report& report;
  };
  explicit ChunkConversion(Parts parts) : parts_(std::move(parts)) {}

  /// Called after each piece that is copied: whether to go on. May wait.
  using GoOn = std::function<bool()>;

  /// Converts what there is, once something was written in this layout. What cannot be read is reported, and stays as
  /// it is; what finds no room is passed over. Errors: no_space, unavailable, io_error: the next call goes on.
  Status run(const GoOn& go_on);

 private:
  Result<std::vector<std::string>> next_keys();
  Status convert_all(const GoOn& go_on);
  Result<bool> convert(const std::string& key, const GoOn& go_on);
  Result<bool> convert(const std::string& key, const StoredObject& object, const GoOn& go_on);
  enum class Copied : std::uint8_t {
    whole,
    not_read,  // the key holds another object by now, or what cannot be read
    cut_short,
  };
  Result<Copied> copy(const std::string& key, const ObjectMeta& meta, RocksdbUpload& upload, const GoOn& go_on);
  Result<Copied> unread(const core::Error& error);
  Status drop_replaced();

  Parts parts_;
  std::mutex mutex_;
  std::string next_;                 // no key before it is in chunks, but what was passed over
  std::vector<Placement> replaced_;  // chunks that no key names any more
  std::uint64_t undropped_bytes_ = 0;
  bool is_done_ = false;
};

}  // namespace sconce::server::storage
