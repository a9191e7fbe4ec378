#include "server/storage/rocksdb/repair.h"

#include <rocksdb/write_batch.h>

#include <algorithm>

#include "core/files/sync_directory.h"
#include "server/storage/rocksdb/check.h"
#include "server/storage/rocksdb/database/database.h"
#include "server/storage/rocksdb/database/ownership.h"
#include "server/storage/rocksdb/files/directory_lock.h"
#include "server/storage/rocksdb/segment_counts.h"

namespace sconce::server::storage {

namespace {

using Kind = RepairFinding::Kind;

constexpr std::uint32_t kBatchChangesMax = 1000;

core::Error lost_records() {
  return {.code = core::ErrorCode::corrupt,
          .what = "what was written there is lost; its keys hold what they held before"};
}

/// Damaged files, under a second name, before RocksDB drops the first.
class KeptFiles {
 public:
  explicit KeptFiles(const std::filesystem::path& directory) : from_(directory), to_(directory / "removed-by-repair") {}

  Status keep(const std::filesystem::path& file) {
    std::error_code failed;
    if (!std::filesystem::exists(from_ / file, failed)) return {};
    std::filesystem::create_directory(to_, failed);
    const std::filesystem::path kept = to_ / file.filename();
    if (!failed && !std::filesystem::exists(kept)) std::filesystem::create_hard_link(from_ / file, kept, failed);
    if (failed) {
      return core::fail(core::ErrorCode::io_error,
                        "cannot keep `" + file.string() + "` in `" + to_.string() + "`: " + failed.message());
    }
    is_used_ = true;
    if (Status synced = core::sync_directory(to_); !synced) return synced;
    return core::sync_directory(from_);
  }

  std::filesystem::path used() const { return is_used_ ? to_ : std::filesystem::path(); }

 private:
  const std::filesystem::path from_;
  const std::filesystem::path to_;
  bool is_used_ = false;
};

class StoreRepair {
 public:
  using Found = std::function<void(const RepairFinding&)>;
  StoreRepair(RocksdbDatabase& database, RepairMode mode, KeptFiles& kept, const Found& found)
      : database_(database),
        mode_(mode),
        kept_(kept),
        found_(found),
        missing_blob_files_(database.missing_blob_files()) {}

  Result<RepairedStore> run() {
    repaired_.unwritten_bytes = database_.log_proof().tail_bytes;
    for (const FileRange& damage : database_.log_proof().damages) tell_log(damage);
    for (const std::string& file : database_.log_proof().missing_chunks) tell_missing(file);
    for (const std::string& file : missing_blob_files_) tell_missing(file);
    if (Status files = look_at_files(); !files) return std::unexpected(std::move(files.error()));
    if (Status found = database_.find_lost_segments(); !found) return std::unexpected(std::move(found.error()));
    if (Status objects = repair_objects(); !objects) return std::unexpected(std::move(objects.error()));
    if (Status counted = correct_counts(); !counted) return std::unexpected(std::move(counted.error()));
    if (Status written = write(); !written) return std::unexpected(std::move(written.error()));
    repaired_.removed = kept_.used();
    return repaired_;
  }

 private:
  void tell_log(const FileRange& damage) {
    repaired_.lost_log_parts += 1;
    const std::string where =
        damage.file + ": bytes " + std::to_string(damage.begin) + " to " + std::to_string(damage.end);
    found_({.kind = Kind::lost_log, .where = where, .error = lost_records()});
  }

  void tell_missing(const std::string& file) {
    found_({.kind = Kind::damaged_file,
            .where = file,
            .error = {.code = core::ErrorCode::corrupt, .what = "the file is missing, or has lost a part"}});
  }

  Status look_at_files() {
    Status kept;
    const auto damaged = [&](const RocksdbDatabase::DamagedFile& file) {
      if (!file.is_chunks) repaired_.not_repairable += 1;
      found_({.kind = file.is_chunks ? Kind::damaged_file : Kind::not_repairable,
              .where = file.path,
              .error = file.error});
      if (mode_ == RepairMode::apply && kept) kept = kept_.keep(std::filesystem::path(file.path).filename().string());
    };
    const Status checked = database_.check_files(damaged);
    return kept ? checked : kept;
  }

  Status repair_objects() {
    const auto opened = database_.keys();
    if (!opened) return std::unexpected(opened.error());
    KeyCursor& keys = **opened;
    std::string last;
    for (keys.seek(""); keys.valid(); keys.next()) {
      last = std::string(keys.key());
      if (Status repaired = repair(last); !repaired) return repaired;
    }
    if (const Status listed = keys.status(); !listed) {
      has_counted_all_ = false;
      repaired_.not_repairable += 1;
      found_({.kind = Kind::not_repairable,
              .where = last.empty() ? "the list of keys" : "the list of keys after " + last,
              .error = listed.error()});
    }
    return {};
  }

  Status repair(const std::string& key) {
    const Result<std::optional<StoredObject>> object = database_.object_at(key);
    if (!object) return remove(key, std::nullopt, object.error());
    if (!*object) return {};
    if (const Status read = read_whole_object(database_, **object, pins_); !read) {
      return remove(key, *object, read.error());
    }
    repaired_.objects += 1;
    repaired_.bytes += (*object)->meta.size_bytes;
    for (const Extent& extent : (*object)->extents) {
      counts_.add(extent);
      const Status records = database_.check_records_of(extent.placement);
      if (records) continue;
      if (Status mended = mend(key, extent.placement, records.error()); !mended) return mended;
    }
    return {};
  }

  Status remove(const std::string& key, const std::optional<StoredObject>& object, const core::Error& why) {
    // A disk that does not answer has not lost anything yet.
    if (!is_lost(why)) return std::unexpected(why);
    if (!object) has_counted_all_ = false;
    repaired_.lost_objects += 1;
    found_({.kind = Kind::lost_object, .where = key, .error = why});
    if (mode_ == RepairMode::tell) return {};
    database_.delete_key(batch_, key);
    if (object) {
      if (Status kept = keep_packs_of(*object); !kept) return kept;
      if (object->placement().kind != Placement::Kind::segment) database_.mark_garbage(batch_, object->placement());
    }
    return batch_.Count() < kBatchChangesMax ? Status() : write();
  }

  /// One with a second name is never changed, so what is lost of it stays.
  Status keep_packs_of(const StoredObject& object) {
    for (const Extent& extent : object.extents) {
      if (extent.placement.kind != Placement::Kind::segment) continue;
      const Result<std::optional<Segment>> segment = database_.segment_at(extent.placement.id);
      if (!segment) return std::unexpected(segment.error());
      if (!*segment) continue;
      const std::filesystem::path pack = database_.packs().path_of((*segment)->pack);
      if (Status kept = kept_.keep(std::filesystem::path("packs") / pack.filename()); !kept) return kept;
    }
    return {};
  }

  /// RocksDB has no code of its own for a file that is not there, but names it.
  bool is_lost(const core::Error& error) const {
    return error.code == core::ErrorCode::corrupt ||
           std::ranges::any_of(missing_blob_files_, [&](const std::string& file) {
             return error.what.find('/' + file) != std::string::npos;
           });
  }

  Status mend(const std::string& key, const Placement& placement, const core::Error& why) {
    if (why.code != core::ErrorCode::corrupt) return std::unexpected(why);
    repaired_.mended_objects += 1;
    found_({.kind = Kind::mended_object, .where = key, .error = why});
    if (mode_ == RepairMode::tell) return {};
    database_.keep_spooled(batch_, placement);  // it is no garbage
    if (placement.kind == Placement::Kind::chunks) database_.keep_chunks(batch_, placement);
    return batch_.Count() < kBatchChangesMax ? Status() : write();
  }

  /// What the log lost also counted; and a segment that nobody refers to any more goes at the next start. Where not
  /// every object could be read nobody knows what is referred to, so no count is changed, and nothing goes.
  Status correct_counts() {
    if (mode_ == RepairMode::tell || !has_counted_all_) return {};
    const Result<SegmentCounts::Corrections> wrong = counts_.corrections(database_);
    if (!wrong) return std::unexpected(wrong.error());
    for (const auto& each : wrong->segments) {
      database_.put_segment(batch_, each.id, each.right);
      const Placement placement{.id = each.id, .kind = Placement::Kind::segment};
      if (each.right.references == 0) database_.mark_garbage(batch_, placement);
    }
    for (const auto& each : wrong->packs) database_.put_pack(batch_, each.id, each.right);
    return {};
  }

  Status write() {
    if (batch_.Count() == 0) return {};
    Status written = database_.write_synced(batch_);
    batch_.Clear();
    return written;
  }

  RocksdbDatabase& database_;
  const RepairMode mode_;
  KeptFiles& kept_;
  const Found& found_;
  SegmentCounts counts_;  // of the objects that stay
  bool has_counted_all_ = true;
  const std::vector<std::string> missing_blob_files_;
  RevisionPins pins_{[](const Placement&) {}};
  rocksdb::WriteBatch batch_;
  RepairedStore repaired_;
};

}  // namespace

Result<RepairedStore> repair_rocksdb_store(const std::filesystem::path& directory, RepairMode mode,
                                           const StoreRepair::Found& found,
                                           const std::shared_ptr<rocksdb::FileSystem>& files) {
  if (!std::filesystem::exists(directory / "CURRENT")) {
    return core::fail(core::ErrorCode::not_found, "there is no store in `" + directory.string() + "`");
  }
  if (Status ours = check_ownership(*rocksdb::Env::Default(), directory); !ours) {
    return std::unexpected(std::move(ours.error()));
  }
  DirectoryLock lock;
  if (Status locked = lock.take(directory); !locked) return std::unexpected(std::move(locked.error()));
  KeptFiles kept(directory);
  auto database =
      RocksdbDatabase::open_damaged({.directory = directory, .file_system = files}, RocksdbInstance::Mode::read_only);
  if (!database) return std::unexpected(std::move(database.error()));
  if (mode == RepairMode::apply) {
    for (const FileRange& damage : (*database)->log_proof().damages) {
      if (Status copied = kept.keep(damage.file); !copied) return std::unexpected(std::move(copied.error()));
    }
    for (const std::string& file : (*database)->log_proof().missing_chunks) {
      if (Status copied = kept.keep(file); !copied) return std::unexpected(std::move(copied.error()));
    }
    database->reset();
    lock.release();  // RocksDB takes it
    database = RocksdbDatabase::open_damaged({.directory = directory, .file_system = files},
                                             RocksdbInstance::Mode::read_write);
    if (!database) return std::unexpected(std::move(database.error()));
  }
  return StoreRepair(**database, mode, kept, found).run();
}

}  // namespace sconce::server::storage
