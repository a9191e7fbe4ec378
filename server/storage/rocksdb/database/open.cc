// Opening the database, and what a crash left in it.

#include <rocksdb/env.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <iterator>
#include <mutex>
#include <set>

#include "server/storage/rocksdb/database/database.h"
#include "server/storage/rocksdb/database/layout.h"
#include "server/storage/rocksdb/database/options.h"
#include "server/storage/rocksdb/database/ownership.h"
#include "server/storage/rocksdb/database/slice.h"
#include "server/storage/rocksdb/files/data_directory.h"
#include "server/storage/rocksdb/files/info_log.h"
#include "server/storage/rocksdb/files/status.h"

namespace sconce::server::storage {

namespace {

using Mode = RocksdbInstance::Mode;

/// RocksDB tells of each write that finds no space; that the volume is full is told once.
std::function<void(const core::Error&)> without_shortages(std::function<void(const core::Error&)> report) {
  return [report = std::move(report), no_space = std::generic_category().message(ENOSPC),
          quota = std::generic_category().message(EDQUOT)](const core::Error& error) {
    const bool is_told = error.what.find(no_space) != std::string::npos || error.what.find(quota) != std::string::npos;
    if (!is_told) report(error);
  };
}

}  // namespace

Result<std::unique_ptr<RocksdbDatabase>> RocksdbDatabase::open(const RocksdbStoreOptions& options,
                                                               std::function<void()> wake) {
  if (Status prepared = prepare_data_directory(options.directory, options.tell); !prepared) {
    return std::unexpected(std::move(prepared.error()));
  }
  std::unique_ptr<RocksdbDatabase> database(new RocksdbDatabase(options, std::move(wake)));
  if (std::error_code none; std::filesystem::exists(options.directory / "CURRENT", none)) {
    Status ours = check_ownership(*database->env_, options.directory);
    if (!ours) return std::unexpected(std::move(ours.error()));
  }
  Status opened = database->open_to_write();
  if (opened) opened = database->finish_opening();
  if (!opened && opened.error().code == core::ErrorCode::no_space && database->open_to_read(true)) {
    database->space().failed();
    return database;
  }
  if (!opened) return std::unexpected(std::move(opened.error()));
  return database;
}

Result<std::unique_ptr<RocksdbDatabase>> RocksdbDatabase::open_read_only(const std::filesystem::path& directory) {
  std::unique_ptr<RocksdbDatabase> database(new RocksdbDatabase({.directory = directory}, [] {}));
  if (Status opened = database->open_files(Mode::read_only); !opened) return std::unexpected(opened.error());
  if (Status known = database->check_layout_is_known(); !known) return std::unexpected(std::move(known.error()));
  return database;
}

RocksdbDatabase::RocksdbDatabase(const RocksdbStoreOptions& options, std::function<void()> wake)
    : directory_(options.directory),
      uploads_directory_(directory_ / "uploads"),
      log_(rocksdb_log(without_shortages(options.report))),
      logs_(std::make_shared<LogFiles>(
          options.file_system != nullptr ? options.file_system : rocksdb::FileSystem::Default(), directory_,
          without_shortages(options.report))),
      env_(rocksdb::NewCompositeEnv(logs_)),
      cache_(read_cache(options.cache_bytes - options.cache_bytes / kHotPart)),
      write_buffer_bytes_(options.write_buffer_bytes),
      chunk_file_options_(chunk_file_options(*env_)),
      tables_open_max_(options.tables_open_max / 2),
      report_(without_shortages(options.report)),
      wake_(std::move(wake)),
      space_(directory_, {.env = *env_, .tell = options.tell, .wake = wake_}),
      files_open_(options.uploads_open_max),
      layout_(*logs_, options.tell),
      packs_(packs_surroundings(options)) {}

/// Packs have half of the descriptors for tables: a quarter to be read, a quarter to be written. What lives in one can
/// be copied within the reserve.
Packs::Surroundings RocksdbDatabase::packs_surroundings(const RocksdbStoreOptions& options) {
  const auto quarter = static_cast<std::size_t>(options.tables_open_max) / 4;
  return {.files = logs_,
          .directory = directory_ / "packs",
          .cache = cache_,
          .limits = {.pack_bytes_max = std::min(kPackBytesMax, space_.sizes().reserve_bytes / 4),
                     .free_files_max = quarter},
          .open_files_max = quarter,
          .report = report_};
}

RocksdbDatabase::~RocksdbDatabase() { unlock(); }

/// What a start does once, when the files are open to be written.
Status RocksdbDatabase::finish_opening() {
  if (has_finished_opening_) return {};
  if (Status known = layout_.begin(*instance_); !known) return known;
  if (Status emptied = empty_uploads_directory(); !emptied) return emptied;
  if (Status dropped = drop_unknown_uploads(); !dropped) return dropped;
  if (Status loaded = load_packs(); !loaded) return loaded;
  has_finished_opening_ = true;
  return {};
}

Status RocksdbDatabase::check_layout_is_known() {
  const Result<std::string> version = DataLayout::read(*instance_);
  if (!version) return std::unexpected(version.error());
  // The record may be what was lost of a young store's log.
  if (version->empty() && !log_proof_.damages.empty()) return {};
  if (version->empty()) {
    return core::fail(core::ErrorCode::io_error,
                      "`" + directory_.string() +
                          "` holds a database without the record "
                          "that a store of Sconce begins with; name another directory by --data");
  }
  return DataLayout::check(*version);
}

Status RocksdbDatabase::load_packs() {
  const Result<std::map<Revision, PackRecord>> known = read_packs(*instance_);
  if (!known) return std::unexpected(known.error());
  const Result<std::vector<Placement>> garbage = read_garbage(*instance_);
  if (!garbage) return std::unexpected(garbage.error());
  const Result<std::vector<Segment>> segments = segments_of(*instance_, *garbage);
  if (!segments) return std::unexpected(segments.error());
  std::vector<Revision> packs;
  for (const Segment& segment : *segments) packs.push_back(segment.pack);
  return packs_.load(*known, packs);
}

/// What a crash of an older program left before it was taken in. Files that no program of ours made stay.
Status RocksdbDatabase::empty_uploads_directory() {
  std::error_code failed;
  std::vector<std::filesystem::path> left;
  if (std::error_code none; std::filesystem::exists(uploads_directory_, none)) {
    std::filesystem::directory_iterator file(uploads_directory_, failed);
    for (; !failed && file != std::filesystem::directory_iterator(); file.increment(failed)) {
      if (is_name_of_upload(file->path().filename().string())) left.push_back(file->path());
    }
  }
  for (const std::filesystem::path& file : left) {
    if (!failed) std::filesystem::remove(file, failed);
  }
  if (!failed) return {};
  return core::fail(core::ErrorCode::io_error,
                    "cannot empty `" + uploads_directory_.string() + "`: " + failed.message());
}

/// What a crash of an older program left between taking chunks in and the commit. Looks at the files' first keys, and
/// at no chunk.
Status RocksdbDatabase::drop_unknown_uploads() {
  rocksdb::ColumnFamilyMetaData family;
  instance_->db->GetColumnFamilyMetaData(instance_->chunks, &family);
  std::set<Revision> found;
  for (const rocksdb::LevelMetaData& level : family.levels) {
    for (const rocksdb::SstFileMetaData& file : level.files) {
      const Result<Revision> upload =
          revision_of(rocksdb::Slice(file.smallestkey).ToString().substr(0, sizeof(Revision)));
      if (!upload) return std::unexpected(upload.error());
      found.insert(*upload);
    }
  }
  std::vector<Revision> unknown;
  for (const Revision& upload : found) {
    std::string nothing;
    const rocksdb::Status read = instance_->db->Get({}, instance_->uploads, slice_of(upload), &nothing);
    if (read.IsNotFound()) unknown.push_back(upload);
    else if (!read.ok()) return std::unexpected(error_from(read, "cannot read the uploads"));
  }
  return drop_chunks(*instance_, unknown);
}

}  // namespace sconce::server::storage
