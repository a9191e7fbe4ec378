// Opening the database, and what a crash left in it.

#include <rocksdb/env.h>

#include <algorithm>
#include <iterator>
#include <mutex>
#include <set>

#include "core/sync_directory.h"
#include "server/storage/rocksdb_database.h"
#include "server/storage/rocksdb_ingesting_files.h"
#include "server/storage/rocksdb_log.h"
#include "server/storage/rocksdb_options.h"
#include "server/storage/rocksdb_slice.h"
#include "server/storage/rocksdb_status.h"

namespace sconce::server::storage {

namespace {

using Mode = RocksdbInstance::Mode;

constexpr std::string_view kLayoutKey = "layout";
constexpr std::string_view kLayoutVersion = "4";
// What opening a database takes beside what is in its log.
constexpr std::uint64_t kSpareBytes = 16 << 20;
constexpr std::string_view kOlderLayouts[] = {"1", "2", "3"};  // all that they have means the same now

bool is_known_layout(std::string_view version) {
  return version == kLayoutVersion || std::ranges::find(kOlderLayouts, version) != std::end(kOlderLayouts);
}

core::Error newer_layout(const std::string& version) {
  return {.code = core::ErrorCode::io_error,
          .what = "the data has layout " + version + ", and this program knows layout " + std::string(kLayoutVersion) +
                  "; use a newer program"};
}

core::Error with_advice(core::Error error, const std::filesystem::path& directory, LogFiles::Damaged allowed) {
  if (error.code != core::ErrorCode::corrupt) return error;
  if (allowed == LogFiles::Damaged::nothing) {
    error.what += "; `sconce repair --data " + directory.string() + "` shows what can be saved";
  } else {
    error.what += "; this cannot be repaired, put a backup of the directory in its place";
  }
  return error;
}

/// With its parents; all are on the disk when it returns.
Status make_directory(const std::filesystem::path& directory) {
  std::error_code failed;
  if (std::filesystem::is_directory(directory, failed)) return {};
  const std::filesystem::path parent = std::filesystem::absolute(directory).parent_path();
  if (parent != directory) {
    if (Status made = make_directory(parent); !made) return made;
  }
  std::filesystem::create_directory(directory, failed);
  if (!failed) return core::sync_directory(parent);
  return core::fail(core::ErrorCode::io_error, "cannot create `" + directory.string() + "`: " + failed.message());
}

}  // namespace

Result<std::unique_ptr<RocksdbDatabase>> RocksdbDatabase::open(const RocksdbStoreOptions& options) {
  if (Status made = make_directory(options.directory); !made) return std::unexpected(std::move(made.error()));
  std::unique_ptr<RocksdbDatabase> database(new RocksdbDatabase(options));
  if (Status opened = database->open_files(Mode::read_write); !opened) return std::unexpected(opened.error());
  if (Status checked = database->check_layout(); !checked) return std::unexpected(std::move(checked.error()));
  if (Status emptied = database->empty_uploads_directory(); !emptied) return std::unexpected(emptied.error());
  if (Status dropped = database->drop_unknown_uploads(); !dropped) return std::unexpected(dropped.error());
  database->files_->start();
  return database;
}

Result<std::unique_ptr<RocksdbDatabase>> RocksdbDatabase::open_read_only(const std::filesystem::path& directory) {
  std::unique_ptr<RocksdbDatabase> database(new RocksdbDatabase({.directory = directory}));
  if (Status opened = database->open_files(Mode::read_only); !opened) return std::unexpected(opened.error());
  if (Status known = database->check_layout_is_known(); !known) return std::unexpected(std::move(known.error()));
  return database;
}

RocksdbDatabase::RocksdbDatabase(const RocksdbStoreOptions& options)
    : directory_(options.directory),
      uploads_directory_(directory_ / "uploads"),
      log_(rocksdb_log(options.report)),
      logs_(std::make_shared<LogFiles>(
          options.file_system != nullptr ? options.file_system : rocksdb::FileSystem::Default(), directory_,
          options.report)),
      files_(std::make_shared<SpareFiles>(ingesting_files(logs_), uploads_directory_)),
      env_(rocksdb::NewCompositeEnv(files_)),
      cache_(read_cache(options.cache_bytes - options.cache_bytes / kHotPart)),
      write_buffer_bytes_(options.write_buffer_bytes),
      chunk_file_options_(chunk_file_options(*env_)) {}

Status RocksdbDatabase::open_files(Mode mode, LogFiles::Damaged allowed) {
  if (Status proven = prove_logs(mode, allowed); !proven) return proven;
  auto opened = RocksdbInstance::open(
      directory_, {.env = *env_, .log = log_, .cache = cache_, .write_buffer_bytes = write_buffer_bytes_}, mode);
  if (!opened) return std::unexpected(with_advice(std::move(opened.error()), directory_, allowed));
  instance_ = std::move(*opened);
  if (mode != Mode::read_only) logs_->begin();
  return {};
}

bool RocksdbDatabase::has_failed() {
  const Access access = acquire();
  return !access || access->failure->happened;
}

Status RocksdbDatabase::recover() {
  const auto may_recover = [this] {
    const Access access = acquire();
    return !access || (access->failure->happened && access->failure->only_no_space);
  };
  if (!may_recover() || !has_space_to_open()) return {};
  compaction_canceled_ = true;  // one that is under way would keep the files open until it is done
  const std::unique_lock lock(opening_);
  compaction_canceled_ = false;
  if (compaction_stopped_) compaction_canceled_ = true;
  instance_.reset();
  Status opened = open_files(Mode::read_write);
  if (opened) return opened;
  if (open_files(Mode::read_only)) instance_->failure->happened = true;
  return opened;
}

/// For what is in the log only, and for new files.
bool RocksdbDatabase::has_space_to_open() const {
  std::uint64_t needed = kSpareBytes;
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(directory_, ignored)) {
    if (file.path().extension() == ".log") needed += file.file_size(ignored);
  }
  std::uint64_t free = 0;
  return env_->GetFreeSpace(directory_.string(), &free).ok() && free >= needed;
}

/// Empty if there is none: a new database.
Result<std::string> RocksdbDatabase::layout_version() {
  std::string version;
  const rocksdb::Status read = instance_->db->Get({}, instance_->general, rocksdb::Slice(kLayoutKey), &version);
  if (read.ok() || read.IsNotFound()) return version;
  return std::unexpected(error_from(read, "cannot read the layout's version"));
}

Status RocksdbDatabase::check_layout_is_known() {
  const Result<std::string> version = layout_version();
  if (!version) return std::unexpected(version.error());
  if (!is_known_layout(*version)) return std::unexpected(newer_layout(*version));
  return {};
}

Status RocksdbDatabase::check_layout() {
  const Result<std::string> version = layout_version();
  if (!version) return std::unexpected(version.error());
  if (*version == kLayoutVersion) return {};
  if (!version->empty() && !is_known_layout(*version)) return std::unexpected(newer_layout(*version));
  rocksdb::WriteOptions options;
  options.sync = true;
  const rocksdb::Status written =
      instance_->db->Put(options, instance_->general, rocksdb::Slice(kLayoutKey), rocksdb::Slice(kLayoutVersion));
  if (!written.ok()) return std::unexpected(error_from(written, "cannot write the layout's version"));
  return {};
}

/// What a crash left before it was taken in.
Status RocksdbDatabase::empty_uploads_directory() {
  std::error_code failed;
  std::filesystem::remove_all(uploads_directory_, failed);
  if (!failed) std::filesystem::create_directories(uploads_directory_, failed);
  if (!failed) return {};
  return core::fail(core::ErrorCode::io_error,
                    "cannot empty `" + uploads_directory_.string() + "`: " + failed.message());
}

/// What a crash left between taking chunks in and the commit. Looks at the files' first keys, and at no chunk.
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
