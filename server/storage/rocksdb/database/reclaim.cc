#include "server/storage/rocksdb/database/reclaim.h"

#include <algorithm>
#include <string>
#include <vector>

#include "server/storage/rocksdb/files/status.h"

namespace sconce::server::storage {

namespace {

using Family = rocksdb::ColumnFamilyHandle*;

// Garbage that is less than this part of the blobs is not worth their being written again.
constexpr std::uint64_t kGarbagePartMin = 32;

rocksdb::ColumnFamilyMetaData about(RocksdbInstance& instance, Family family) {
  rocksdb::ColumnFamilyMetaData metadata;
  instance.db->GetColumnFamilyMetaData(family, &metadata);
  return metadata;
}

std::uint64_t live_bytes(const rocksdb::BlobMetaData& blob) { return blob.total_blob_bytes - blob.garbage_blob_bytes; }

/// The oldest blob files that can be written again with what is free.
struct BlobFiles {
  std::size_t count = 0;
  std::size_t all = 0;
  std::uint64_t first_after = 0;  // number of the first that is not among them
  std::uint64_t garbage_bytes = 0;
};

std::vector<rocksdb::BlobMetaData> blobs_by_age(const rocksdb::ColumnFamilyMetaData& metadata) {
  std::vector<rocksdb::BlobMetaData> blobs = metadata.blob_files;
  std::ranges::sort(blobs, {}, [](const rocksdb::BlobMetaData& blob) { return blob.blob_file_number; });
  return blobs;
}

BlobFiles oldest_of(const std::vector<rocksdb::BlobMetaData>& blobs, std::uint64_t budget_bytes) {
  BlobFiles oldest{.count = 0, .all = blobs.size(), .first_after = ~std::uint64_t{0}, .garbage_bytes = 0};
  for (const rocksdb::BlobMetaData& blob : blobs) {
    const std::uint64_t live = live_bytes(blob);
    if (live > budget_bytes) {
      oldest.first_after = blob.blob_file_number;
      break;
    }
    budget_bytes -= live;
    oldest.garbage_bytes += blob.garbage_blob_bytes;
    oldest.count += 1;
  }
  return oldest;
}

bool is_worth_it(const std::vector<rocksdb::BlobMetaData>& blobs) {
  std::uint64_t garbage = 0;
  std::uint64_t all = 0;
  for (const rocksdb::BlobMetaData& blob : blobs) {
    garbage += blob.garbage_blob_bytes;
    all += blob.total_blob_bytes;
  }
  return garbage > all / kGarbagePartMin;
}

/// What the tables that name these blob files hold, from the first key to the last.
std::optional<std::pair<std::string, std::string>> keys_of(const rocksdb::ColumnFamilyMetaData& metadata,
                                                           const BlobFiles& blobs) {
  std::optional<std::pair<std::string, std::string>> keys;
  for (const rocksdb::LevelMetaData& level : metadata.levels) {
    for (const rocksdb::SstFileMetaData& file : level.files) {
      const bool names_one = file.oldest_blob_file_number != 0 && file.oldest_blob_file_number < blobs.first_after;
      if (!names_one) continue;
      if (!keys) keys.emplace(file.smallestkey, file.largestkey);
      keys->first = std::min(keys->first, file.smallestkey);
      keys->second = std::max(keys->second, file.largestkey);
    }
  }
  return keys;
}

}  // namespace

Status RocksdbReclaim::run() {
  if (Status flushed = flush(); !flushed) return flushed;
  for (const Family family : {instance_.objects, instance_.meta, instance_.garbage, instance_.uploads}) {
    if (surroundings_.stopping) return {};
    if (Status dropped = drop_deleted(family); !dropped) return dropped;
  }
  return collect_blobs();
}

/// What is written again is given back only when all of it has been.
bool RocksdbReclaim::fits_at_once() {
  std::uint64_t bytes = unflushed_bytes();
  for (const Family family :
       {instance_.general, instance_.objects, instance_.meta, instance_.garbage, instance_.uploads}) {
    const rocksdb::ColumnFamilyMetaData metadata = about(instance_, family);
    bytes += metadata.size;
    for (const rocksdb::BlobMetaData& blob : metadata.blob_files) bytes += live_bytes(blob);
  }
  return fits(bytes);
}

std::uint64_t RocksdbReclaim::unflushed_bytes() {
  std::uint64_t bytes = 0;
  instance_.db->GetAggregatedIntProperty(rocksdb::DB::Properties::kCurSizeAllMemTables, &bytes);
  return bytes;
}

Status RocksdbReclaim::flush() {
  if (!fits_or_is_noted(unflushed_bytes())) return {};
  const rocksdb::Status flushed = instance_.db->Flush(
      {}, {instance_.general, instance_.meta, instance_.objects, instance_.garbage, instance_.uploads});
  if (flushed.ok()) return {};
  return std::unexpected(error_from(flushed, "cannot flush"));
}

/// A tenth more than the bytes, and room for what else is written meanwhile.
std::uint64_t RocksdbReclaim::needed_for(std::uint64_t bytes) const {
  return bytes + bytes / 10 + surroundings_.sizes.reserve_bytes / 8;
}

bool RocksdbReclaim::fits_or_is_noted(std::uint64_t bytes) {
  if (fits(bytes)) return true;
  lacked_bytes_ = lacked_bytes_ == 0 ? needed_for(bytes) : std::min(lacked_bytes_, needed_for(bytes));
  return false;
}

/// Keys that were deleted meet what they deleted.
Status RocksdbReclaim::drop_deleted(Family family) {
  const rocksdb::ColumnFamilyMetaData metadata = about(instance_, family);
  if (metadata.file_count == 0) return {};
  if (fits(metadata.size)) return compact(family, nullptr, nullptr, 0);
  return drop_deleted_by_files(family, metadata);
}

Status RocksdbReclaim::drop_deleted_by_files(Family family, const rocksdb::ColumnFamilyMetaData& metadata) {
  std::uint64_t first_bytes = 0;  // of level 0, with all that it lies over
  const rocksdb::LevelMetaData* last = nullptr;
  for (const rocksdb::LevelMetaData& level : metadata.levels) {
    if (level.files.empty()) continue;
    if (level.level == 0 || last == nullptr || last->level == 0) first_bytes += level.size;
    last = &level;
  }
  if (!fits_or_is_noted(first_bytes)) return {};
  for (const rocksdb::SstFileMetaData& file : last->files) {
    if (surroundings_.stopping) return {};
    if (!fits_or_is_noted(kCompactionMemtables * surroundings_.sizes.memtable_bytes_max)) return {};
    const rocksdb::Slice begin(file.smallestkey);
    const rocksdb::Slice end(file.largestkey);
    if (Status compacted = compact(family, &begin, &end, 0); !compacted) return compacted;
  }
  return {};
}

/// RocksDB writes the blobs of the oldest files again, whatever they hold, so the others only come up once these have.
Status RocksdbReclaim::collect_blobs() {
  std::vector<rocksdb::BlobMetaData> blobs = blobs_by_age(about(instance_, instance_.objects));
  if (blobs.empty()) return {};
  const std::uint64_t newest = blobs.back().blob_file_number;
  while (!blobs.empty() && blobs.front().blob_file_number <= newest && is_worth_it(blobs)) {
    if (surroundings_.stopping) return {};
    const BlobFiles oldest = oldest_of(blobs, surroundings_.free_bytes() / 2);
    const rocksdb::ColumnFamilyMetaData metadata = about(instance_, instance_.objects);
    const auto keys = keys_of(metadata, oldest);
    if (!fits_or_is_noted(oldest.count == 0 ? 2 * live_bytes(blobs.front()) : metadata.size)) return {};
    if (oldest.count == 0 || !keys) return {};
    const rocksdb::Slice begin(keys->first);
    const rocksdb::Slice end(keys->second);
    const double age = std::min(1.0, (static_cast<double>(oldest.count) + 0.5) / static_cast<double>(oldest.all));
    if (Status compacted = compact(instance_.objects, &begin, &end, age); !compacted) return compacted;
    const std::uint64_t before = blobs.front().blob_file_number;
    blobs = blobs_by_age(about(instance_, instance_.objects));
    if (!blobs.empty() && blobs.front().blob_file_number == before) return {};
  }
  return {};
}

/// `blobs_of_age`: the part of the blob files, the oldest ones, whose blobs are written again.
Status RocksdbReclaim::compact(Family family, const rocksdb::Slice* begin, const rocksdb::Slice* end,
                               double blobs_of_age) {
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  options.blob_garbage_collection_policy =
      blobs_of_age > 0 ? rocksdb::BlobGarbageCollectionPolicy::kForce : rocksdb::BlobGarbageCollectionPolicy::kDisable;
  options.blob_garbage_collection_age_cutoff = blobs_of_age;
  options.canceled = &surroundings_.stopping;
  const rocksdb::Status compacted = instance_.db->CompactRange(options, family, begin, end);
  if (compacted.ok() || compacted.IsManualCompactionPaused()) return {};
  return std::unexpected(error_from(compacted, "cannot make room"));
}

}  // namespace sconce::server::storage
