// What a database's log must show before it is opened.

#include <rocksdb/env.h>

#include "server/storage/rocksdb/database/database.h"
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
  log_proof_ = std::move(*proof);
  return {};
}

}  // namespace sconce::server::storage
