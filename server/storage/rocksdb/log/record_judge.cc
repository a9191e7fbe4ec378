#include "server/storage/rocksdb/log/record_judge.h"

#include <algorithm>

namespace sconce::server::storage {

void RecordJudge::begin_log(std::uint64_t flushed_sequence) {
  next_sequence_ = std::max(next_sequence_, flushed_sequence + 1);
}

bool RecordJudge::accept(std::string_view record, LogReader::Found found) {
  const std::optional<SealedRecord> read = read_record(record);
  // Sequences only grow: an older record is a stale page, from when its blocks were another log's.
  if (!read || read->sequence < next_sequence_) return false;
  if (found == LogReader::Found::by_search && (read->seals.empty() || !salt_)) return false;
  for (const BatchSeal& seal : read->seals) {
    if (salt_ && seal.salt != *salt_) return false;
  }
  for (const BatchSeal& seal : read->seals) {
    salt_ = seal.salt;
    synced_.add(seal.synced);
    has_seals_ = true;
  }
  if (read->layout) layout_ = read->layout;
  next_sequence_ = read->next_sequence;
  return true;
}

}  // namespace sconce::server::storage
