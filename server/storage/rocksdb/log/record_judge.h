#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/storage/rocksdb/log/log_reader.h"
#include "server/storage/rocksdb/log/log_seal.h"

namespace sconce::server::storage {

/// Decides which records of the logs, read in order, are what was written, and collects what their seals say.
/// Threads: one at a time.
class RecordJudge {
 public:
  /// `salt`: the store's, if it is known; else that of the first seal in order is taken for it.
  explicit RecordJudge(std::optional<SealSalt> salt) : salt_(salt) {}

  /// The next log begins, all of whose records come after `flushed_sequence`.
  void begin_log(std::uint64_t flushed_sequence);
  bool accept(std::string_view record, LogReader::Found found);

  const SyncedPositions& synced() const { return synced_; }
  const std::optional<SealSalt>& salt() const { return salt_; }
  bool has_seals() const { return has_seals_; }
  /// The last version of the layout that a record gives; nothing if none does.
  const std::optional<std::string>& layout() const { return layout_; }

 private:
  std::optional<SealSalt> salt_;
  SyncedPositions synced_;
  std::uint64_t next_sequence_ = 0;
  bool has_seals_ = false;
  std::optional<std::string> layout_;
};

}  // namespace sconce::server::storage
