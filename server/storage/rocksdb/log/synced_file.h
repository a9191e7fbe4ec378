#pragma once

#include <rocksdb/file_system.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "server/storage/rocksdb/log/log_seal.h"
#include "server/storage/store.h"

namespace sconce::server::storage {

/// A file beside the database, `SYNCED`, which says the same as the seals of batches (log_seal.h), and is
/// written over after each sync, without a sync of its own. What a crash leaves of it is true, if maybe old. It alone
/// covers the last batch, which no later seal covers, and it keeps the salt.
///
///   offset  bytes  what
///   0       8      XXH3 (64 bits, little-endian) of what follows
///   8       504    a seal of a batch without bytes, and zeros
///
/// It lies in one sector, so no part of it is ever of another time than the rest. Threads: one at a time.
class SyncedFile {
 public:
  struct Content {
    SealSalt salt = {};
    SyncedPositions synced;
  };

  /// Nothing, if there is none that is whole. Errors: io_error.
  static Result<std::optional<Content>> read(rocksdb::FileSystem& files, const std::filesystem::path& directory);

  /// Opens it to be written, and writes it with a sync. Creates it unless there is a whole one. Errors: as error_from.
  static Result<std::unique_ptr<SyncedFile>> open(rocksdb::FileSystem& files, const std::filesystem::path& directory,
                                                  const Content& content);
  /// With a sync.
  ~SyncedFile();
  SyncedFile(const SyncedFile&) = delete;
  SyncedFile& operator=(const SyncedFile&) = delete;

  /// Without a sync. After an error nothing more is written: its content is true, or not whole.
  void write(const Content& content);

 private:
  explicit SyncedFile(std::unique_ptr<rocksdb::FSRandomRWFile> file) : file_(std::move(file)) {}

  std::unique_ptr<rocksdb::FSRandomRWFile> file_;
};

}  // namespace sconce::server::storage
