// What is checked of a database: its log before it is opened, then its files and records.

#include <rocksdb/convenience.h>
#include <rocksdb/env.h>

#include "server/storage/rocksdb/database/database.h"
#include "server/storage/rocksdb/database/layout.h"
#include "server/storage/rocksdb/database/options.h"
#include "server/storage/rocksdb/database/slice.h"
#include "server/storage/rocksdb/files/status.h"

namespace sconce::server::storage {

namespace {

/// While another process writes the log, what is read of it proves nothing.
class OpeningLock {
 public:
  explicit OpeningLock(rocksdb::Env& env) : env_(env) {}
  ~OpeningLock() {
    if (lock_ != nullptr) env_.UnlockFile(lock_).PermitUncheckedError();
  }
  OpeningLock(const OpeningLock&) = delete;
  OpeningLock& operator=(const OpeningLock&) = delete;

  Status take(const std::filesystem::path& directory) {
    const rocksdb::Status locked = env_.LockFile((directory / "LOCK").string(), &lock_);
    if (locked.ok()) return {};
    return std::unexpected(open_error(locked, directory));
  }

 private:
  rocksdb::Env& env_;
  rocksdb::FileLock* lock_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<RocksdbDatabase>> RocksdbDatabase::open_damaged(const RocksdbStoreOptions& options,
                                                                       RocksdbInstance::Mode mode) {
  std::unique_ptr<RocksdbDatabase> database(new RocksdbDatabase(options, [] {}));
  if (Status opened = database->open_files(mode, LogFiles::Damaged::any_part); !opened) {
    return std::unexpected(std::move(opened.error()));
  }
  if (Status known = database->check_layout_is_known(); !known) return std::unexpected(std::move(known.error()));
  return database;
}

/// Who opens it to be read keeps others away already.
Status RocksdbDatabase::prove_logs(RocksdbInstance::Mode mode, LogFiles::Damaged allowed) {
  std::error_code ignored;
  if (!std::filesystem::exists(directory_ / "CURRENT", ignored)) return {};
  OpeningLock lock(*env_);
  if (mode != RocksdbInstance::Mode::read_only) {
    if (Status locked = lock.take(directory_); !locked) return locked;
  }
  Result<LogProof> proof = logs_->prove(allowed);
  if (!proof) return std::unexpected(std::move(proof.error()));
  if (proof->layout) {
    if (Status known = DataLayout::check(*proof->layout); !known) return known;
  }
  log_proof_ = std::move(*proof);
  return {};
}

Status RocksdbDatabase::check_records_of(const Placement& placement) {
  const Access access = acquire();
  if (!access) return not_open();
  std::string nothing;
  const rocksdb::Status marked = access->db->Get({}, access->garbage, slice_of(placement.id), &nothing);
  if (marked.ok()) return core::fail(core::ErrorCode::corrupt, "its bytes are marked as garbage");
  if (!marked.IsNotFound()) return std::unexpected(error_from(marked, "cannot read the garbage"));
  if (placement.kind == Placement::Kind::value) return {};
  const rocksdb::Status known = access->db->Get({}, access->uploads, slice_of(placement.id), &nothing);
  if (known.ok()) return {};
  if (known.IsNotFound()) return core::fail(core::ErrorCode::corrupt, "its upload is not recorded");
  return std::unexpected(error_from(known, "cannot read the uploads"));
}

Status RocksdbDatabase::check_files(const std::function<void(const DamagedFile&)>& found) {
  const Access access = acquire();
  if (!access) return not_open();
  std::vector<rocksdb::LiveFileMetaData> files;
  access->db->GetLiveFilesMetaData(&files);
  rocksdb::ReadOptions read;
  read.readahead_size = 2 << 20;
  for (const rocksdb::LiveFileMetaData& file : files) {
    const std::string path = file.db_path + file.name;
    const bool in_chunks = file.column_family_name == access->chunks->GetName();
    const rocksdb::Options options =
        in_chunks ? chunk_file_options_ : rocksdb::Options(database_options(), object_options(nullptr));
    const rocksdb::Status verified =
        rocksdb::VerifySstFileChecksum(options, rocksdb::EnvOptions(), read, path, file.largest_seqno);
    if (!verified.ok())
      found({.path = path, .is_chunks = in_chunks, .error = error_from(verified, "the file is damaged")});
  }
  return {};
}

std::vector<std::string> RocksdbDatabase::missing_blob_files() {
  const Access access = acquire();
  if (!access) return {};
  rocksdb::ColumnFamilyMetaData family;
  access->db->GetColumnFamilyMetaData(access->objects, &family);
  std::vector<std::string> missing;
  for (const rocksdb::BlobMetaData& file : family.blob_files) {
    const std::string name = std::filesystem::path(file.blob_file_name).filename().string();
    std::error_code failed;
    if (!std::filesystem::exists(directory_ / name, failed) && !failed) missing.push_back(name);
  }
  return missing;
}

}  // namespace sconce::server::storage
