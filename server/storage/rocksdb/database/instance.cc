#include "server/storage/rocksdb/database/instance.h"

#include <rocksdb/listener.h>
#include <rocksdb/write_buffer_manager.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

#include "server/storage/rocksdb/database/options.h"

namespace sconce::server::storage {

namespace {

using Mode = RocksdbInstance::Mode;

class FailureListener final : public rocksdb::EventListener {
 public:
  FailureListener(std::shared_ptr<RocksdbFailure> failure, std::function<void()> compaction_failed,
                  std::function<void()> failed)
      : failure_(std::move(failure)), compaction_failed_(std::move(compaction_failed)), failed_(std::move(failed)) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override {
    const Shortage shortage = shortage_of(*error);
    if (reason == rocksdb::BackgroundErrorReason::kCompaction && shortage != Shortage::none) {
      *error = rocksdb::Status::OK();  // its inputs are all there still, and it is tried again
      compaction_failed_();
      return;
    }
    if (shortage == Shortage::none) failure_->only_shortage = false;
    if (shortage == Shortage::space) failure_->shortage_of_space = true;
    failure_->happened = true;
    failed_();
  }
  /// RocksDB 7.8.3 counts itself as stopped for ever after it has recovered, and then ends the process when files are
  /// taken in.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* automatic) override {
    *automatic = false;
  }

 private:
  const std::shared_ptr<RocksdbFailure> failure_;
  const std::function<void()> compaction_failed_;
  const std::function<void()> failed_;
};

// What is written of all families together, by what is of one: only where many records come are there others than of
// objects.
constexpr std::uint64_t kWriteBuffersOfAll = 3;

/// So that a small volume can be filled, and emptied again: volume_sizes.h.
void fit(rocksdb::DBOptions& options, const VolumeSizes& sizes) {
  options.max_total_wal_size = std::min<std::uint64_t>(options.max_total_wal_size, 4 * sizes.memtable_bytes_max);
  // A manifest grows with each change to the files until a new one is begun, with what is.
  options.max_manifest_file_size = std::min<std::uint64_t>(options.max_manifest_file_size, sizes.manifest_bytes_max);
  options.manifest_preallocation_size = std::min(options.manifest_preallocation_size, sizes.manifest_bytes_max / 16);
}

void fit(rocksdb::ColumnFamilyOptions& options, const VolumeSizes& sizes) {
  const std::uint64_t memtable = std::min<std::uint64_t>(options.write_buffer_size, sizes.memtable_bytes_max);
  options.write_buffer_size = memtable;
  options.target_file_size_base = std::min(options.target_file_size_base, memtable);
  options.max_bytes_for_level_base = std::min(options.max_bytes_for_level_base, 4 * memtable);
  if (memtable < rocksdb::ColumnFamilyOptions().write_buffer_size) {
    options.max_compaction_bytes = kCompactionMemtables * memtable;
  }
  options.blob_file_size = std::min(options.blob_file_size, sizes.blob_file_bytes_max);
}

constexpr std::size_t kAllOfTheLog = 1 << 30;

/// Nothing is written before it has to be.
void tighten(rocksdb::DBOptions& options) {
  options.avoid_flush_during_recovery = true;
  options.allow_fallocate = false;
  options.write_buffer_manager->SetBufferSize(kAllOfTheLog);
}

void tighten(rocksdb::ColumnFamilyOptions& options) {
  options.write_buffer_size = kAllOfTheLog;
  options.disable_auto_compactions = true;
}

std::vector<rocksdb::ColumnFamilyDescriptor> families_of(const RocksdbInstance::Surroundings& surroundings, Mode mode) {
  const ReadCache& cache = surroundings.cache;
  const rocksdb::ColumnFamilyOptions records = record_options(cache);
  std::vector<rocksdb::ColumnFamilyDescriptor> families = {{rocksdb::kDefaultColumnFamilyName, records},
                                                           {"meta", records},
                                                           {"objects", object_options(cache)},
                                                           {"garbage", records},
                                                           {"chunks", chunk_options(cache)},
                                                           {"uploads", records}};
  for (rocksdb::ColumnFamilyDescriptor& family : families) {
    family.options.write_buffer_size = surroundings.write_buffer_bytes;
    fit(family.options, surroundings.sizes);
    if (mode == Mode::tight) tighten(family.options);
  }
  return families;
}

}  // namespace

core::Error open_error(const rocksdb::Status& status, const std::filesystem::path& directory) {
  core::Error error = error_from(status, "cannot open `" + directory.string() + "`");
  // RocksDB has no code of its own for a lock that is held.
  const bool is_held = error.what.find("lock hold by current process") != std::string::npos ||
                       error.what.find("While lock file: ") != std::string::npos;
  if (error.what.ends_with(std::generic_category().message(EACCES))) {
    error.what += "; the user that this runs as (" + std::to_string(::geteuid()) + ") needs to read and write it";
  }
  if (is_held) error.what += "; it is in use by another process: stop that one, or name another directory by --data";
  return error;
}

Result<std::unique_ptr<RocksdbInstance>> RocksdbInstance::open(const std::filesystem::path& directory,
                                                               const Surroundings& surroundings, Mode mode) {
  std::unique_ptr<RocksdbInstance> instance(new RocksdbInstance);
  instance->failure = std::make_shared<RocksdbFailure>();
  rocksdb::DBOptions options = database_options();
  fit(options, surroundings.sizes);
  instance->write_buffer_bytes_ = std::min(surroundings.write_buffer_bytes, surroundings.sizes.memtable_bytes_max);
  options.write_buffer_manager =
      std::make_shared<rocksdb::WriteBufferManager>(kWriteBuffersOfAll * instance->write_buffer_bytes_);
  if (mode == Mode::tight) tighten(options);
  options.max_open_files = surroundings.tables_open_max;
  options.env = &surroundings.env;
  options.info_log = surroundings.log;
  options.listeners.push_back(
      std::make_shared<FailureListener>(instance->failure, surroundings.compaction_failed, surroundings.failed));
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = families_of(surroundings, mode);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened =
      mode == Mode::read_only ? rocksdb::DB::OpenForReadOnly(options, directory.string(), families, &handles, &db)
                              : rocksdb::DB::Open(options, directory.string(), families, &handles, &db);
  if (!opened.ok()) return std::unexpected(open_error(opened, directory));
  instance->db.reset(db);
  instance->general = handles[0];
  instance->meta = handles[1];
  instance->objects = handles[2];
  instance->garbage = handles[3];
  instance->chunks = handles[4];
  instance->uploads = handles[5];
  instance->is_tight = mode == Mode::tight;
  instance->has_compactions_off = mode == Mode::tight;
  return instance;
}

RocksdbInstance::~RocksdbInstance() {
  for (rocksdb::ColumnFamilyHandle* family : {general, meta, objects, garbage, chunks, uploads}) {
    if (family != nullptr) db->DestroyColumnFamilyHandle(family);
  }
}

/// RocksDB takes options even where it cannot write them down, which is what it then returns an error for.
void RocksdbInstance::set_compactions(bool on) {
  for (rocksdb::ColumnFamilyHandle* family : {general, meta, objects, garbage, uploads}) {
    db->SetOptions(family, {{"disable_auto_compactions", on ? "false" : "true"}}).PermitUncheckedError();
  }
  has_compactions_off = !on;
}

Status RocksdbInstance::end_tight() {
  const rocksdb::Status flushed = db->Flush({}, {general, meta, objects, garbage, uploads});
  if (!flushed.ok()) return std::unexpected(error_from(flushed, "cannot flush"));
  for (rocksdb::ColumnFamilyHandle* family : {general, meta, objects, garbage, chunks, uploads}) {
    db->SetOptions(family, {{"write_buffer_size", std::to_string(write_buffer_bytes_)}}).PermitUncheckedError();
  }
  db->GetDBOptions().write_buffer_manager->SetBufferSize(kWriteBuffersOfAll * write_buffer_bytes_);
  is_tight = false;
  return {};
}

}  // namespace sconce::server::storage
