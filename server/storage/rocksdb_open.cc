// Opening the database, and what a crash left in it.

#include <rocksdb/env.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "core/sync_directory.h"
#include "server/storage/rocksdb_database.h"
#include "server/storage/rocksdb_options.h"
#include "server/storage/rocksdb_slice.h"
#include "server/storage/rocksdb_status.h"

namespace sconce::server::storage {

namespace {

constexpr std::string_view kLayoutKey = "layout";
constexpr std::string_view kLayoutVersion = "3";
constexpr std::string_view kOlderLayouts[] = {"1", "2"};  // all that they have means the same now

core::Error open_error(const rocksdb::Status& status, const std::filesystem::path& directory) {
  core::Error error = error_from(status, "cannot open `" + directory.string() + "`");
  // RocksDB has no code of its own for a lock that is held.
  if (status.IsIOError() && error.what.find("/LOCK: ") != std::string::npos) {
    error.what += "; is it in use by another process?";
  }
  return error;
}

bool is_known_layout(std::string_view version) {
  return version == kLayoutVersion || std::ranges::find(kOlderLayouts, version) != std::end(kOlderLayouts);
}

core::Error newer_layout(const std::string& version) {
  return {.code = core::ErrorCode::io_error,
          .what = "the data has layout " + version + ", and this program knows layout " + std::string(kLayoutVersion) +
                  "; use a newer program"};
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

Result<std::unique_ptr<RocksdbDatabase>> RocksdbDatabase::open(
    const std::filesystem::path& directory, const std::shared_ptr<rocksdb::FileSystem>& file_system) {
  if (Status made = make_directory(directory); !made) return std::unexpected(std::move(made.error()));
  std::unique_ptr<RocksdbDatabase> database(new RocksdbDatabase);
  if (file_system != nullptr) database->env_ = rocksdb::NewCompositeEnv(file_system);
  database->uploads_directory_ = directory / "uploads";
  if (Status opened = database->open_files(directory, false); !opened)
    return std::unexpected(std::move(opened.error()));
  if (Status checked = database->check_layout(); !checked) return std::unexpected(std::move(checked.error()));
  if (Status emptied = database->empty_uploads_directory(); !emptied) return std::unexpected(emptied.error());
  if (Status dropped = database->drop_unknown_uploads(); !dropped) return std::unexpected(dropped.error());
  return database;
}

Result<std::unique_ptr<RocksdbDatabase>> RocksdbDatabase::open_read_only(const std::filesystem::path& directory) {
  std::unique_ptr<RocksdbDatabase> database(new RocksdbDatabase);
  if (Status opened = database->open_files(directory, true); !opened) return std::unexpected(std::move(opened.error()));
  const Result<std::string> version = database->layout_version();
  if (!version) return std::unexpected(version.error());
  if (!is_known_layout(*version)) return std::unexpected(newer_layout(*version));
  return database;
}

Status RocksdbDatabase::open_files(const std::filesystem::path& directory, bool read_only) {
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = {{rocksdb::kDefaultColumnFamilyName, record_options()},
                                                                 {"meta", record_options()},
                                                                 {"objects", object_options()},
                                                                 {"garbage", record_options()},
                                                                 {"chunks", chunk_options()},
                                                                 {"uploads", record_options()}};
  rocksdb::DBOptions options = database_options();
  if (env_ != nullptr) options.env = env_.get();
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened =
      read_only ? rocksdb::DB::OpenForReadOnly(options, directory.string(), families, &handles, &db)
                : rocksdb::DB::Open(options, directory.string(), families, &handles, &db);
  if (!opened.ok()) return std::unexpected(open_error(opened, directory));
  db_.reset(db);
  default_ = handles[0];
  meta_ = handles[1];
  objects_ = handles[2];
  garbage_ = handles[3];
  chunks_ = handles[4];
  uploads_ = handles[5];
  return {};
}

RocksdbDatabase::~RocksdbDatabase() {
  for (rocksdb::ColumnFamilyHandle* family : {default_, meta_, objects_, garbage_, chunks_, uploads_}) {
    if (family != nullptr) db_->DestroyColumnFamilyHandle(family);
  }
}

/// Empty if there is none: a new database.
Result<std::string> RocksdbDatabase::layout_version() {
  std::string version;
  const rocksdb::Status read = db_->Get({}, default_, rocksdb::Slice(kLayoutKey), &version);
  if (read.ok() || read.IsNotFound()) return version;
  return std::unexpected(error_from(read, "cannot read the layout's version"));
}

Status RocksdbDatabase::check_layout() {
  const Result<std::string> version = layout_version();
  if (!version) return std::unexpected(version.error());
  if (*version == kLayoutVersion) return {};
  if (!version->empty() && !is_known_layout(*version)) return std::unexpected(newer_layout(*version));
  rocksdb::WriteOptions options;
  options.sync = true;
  const rocksdb::Status written =
      db_->Put(options, default_, rocksdb::Slice(kLayoutKey), rocksdb::Slice(kLayoutVersion));
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
  db_->GetColumnFamilyMetaData(chunks_, &family);
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
    const rocksdb::Status read = db_->Get({}, uploads_, slice_of(upload), &nothing);
    if (read.IsNotFound()) unknown.push_back(upload);
    else if (!read.ok()) return std::unexpected(error_from(read, "cannot read the uploads"));
  }
  return drop_chunks(unknown);
}

}  // namespace sconce::server::storage
