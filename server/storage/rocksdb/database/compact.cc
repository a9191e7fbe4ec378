// Giving space back when the operator asks for it.

#include "server/storage/rocksdb/database/database.h"
#include "server/storage/rocksdb/database/reclaim.h"
#include "server/storage/rocksdb/files/status.h"

namespace sconce::server::storage {

namespace {

/// With all bytes of blobs, not only the oldest.
Result<Compaction> compact_at_once(RocksdbInstance& instance, std::atomic<bool>& canceled) {
  const std::vector<rocksdb::ColumnFamilyHandle*> families = {instance.general, instance.meta, instance.objects,
                                                              instance.garbage, instance.uploads};
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  options.blob_garbage_collection_age_cutoff = 1;
  options.canceled = &canceled;
  // All at once, so that the log is not kept for one that was not flushed.
  rocksdb::Status status = instance.db->Flush({}, families);
  for (rocksdb::ColumnFamilyHandle* family : families) {
    if (status.ok()) status = instance.db->CompactRange(options, family, nullptr, nullptr);
  }
  if (status.IsManualCompactionPaused()) return Compaction::cut_short;
  if (!status.ok()) return std::unexpected(error_from(status, "cannot give back space"));
  return Compaction::done;
}

core::Error too_little_for(std::uint64_t step_bytes, std::uint64_t free_bytes) {
  return {.code = core::ErrorCode::no_space,
          .what = "not all of the space could be given back: the next step needs " + bytes_text(step_bytes) + ", and " +
                  bytes_text(free_bytes) + " are free; delete objects or make room otherwise, and ask again",
          .is_for_clients = true};
}

Result<Compaction> compact_in_steps(RocksdbReclaim& reclaim, std::uint64_t free_bytes,
                                    const std::atomic<bool>& canceled) {
  if (Status done = reclaim.run(); !done) return std::unexpected(std::move(done.error()));
  if (canceled) return Compaction::cut_short;
  if (reclaim.lacked_bytes() == 0) return Compaction::done;
  return std::unexpected(too_little_for(reclaim.lacked_bytes(), free_bytes));
}

}  // namespace

void RocksdbDatabase::stop_compaction() noexcept {
  compaction_stopped_ = true;
  compaction_canceled_ = true;
}

Result<Compaction> RocksdbDatabase::compact() {
  const Access access = acquire();
  if (!access) return not_open();
  if (compaction_canceled_) return Compaction::cut_short;
  RocksdbInstance& instance = *access.operator->();
  const RocksdbFailure& failure = *instance.failure;
  if (failure.happened) {
    const bool lacks_space = failure.only_shortage && failure.shortage_of_space;
    return core::fail(lacks_space ? core::ErrorCode::no_space : core::ErrorCode::unavailable,
                      "the database writes nothing at the moment");
  }
  const auto free_bytes = [this] { return space_.free_bytes().value_or(~std::uint64_t{0}); };
  RocksdbReclaim reclaim(instance,
                         {.sizes = space_.sizes(), .free_bytes = free_bytes, .stopping = compaction_canceled_});
  return reclaim.fits_at_once() ? compact_at_once(instance, compaction_canceled_)
                                : compact_in_steps(reclaim, free_bytes(), compaction_canceled_);
}

}  // namespace sconce::server::storage
