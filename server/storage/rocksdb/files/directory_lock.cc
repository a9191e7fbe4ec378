#include "server/storage/rocksdb/files/directory_lock.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "server/storage/rocksdb/files/status.h"

namespace sconce::server::storage {

core::Status DirectoryLock::take(const std::filesystem::path& directory) {
  // Nobody writes to a file system that is mounted read-only, and no lock can be taken there.
  if (access(directory.c_str(), W_OK) != 0 && errno == EROFS) return {};
  const rocksdb::Status locked = rocksdb::Env::Default()->LockFile((directory / "LOCK").string(), &lock_);
  if (locked.ok()) return {};
  return std::unexpected(
      error_from(locked, "cannot lock the data in `" + directory.string() + "`; is it in use by another process?"));
}

void DirectoryLock::release() {
  if (lock_ != nullptr) rocksdb::Env::Default()->UnlockFile(std::exchange(lock_, nullptr)).PermitUncheckedError();
}

}  // namespace sconce::server::storage
