#pragma once

#include <rocksdb/file_system.h>
#include <rocksdb/write_batch.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "server/storage/rocksdb/log/log_proof.h"
#include "server/storage/rocksdb/log/synced_file.h"

namespace sconce::server::storage {

struct TrackedBytes;

/// Files for a RocksDB in `directory`, which know how far its logs and its manifest were synced: batches are sealed
/// with it, and when the database is opened only what is proven by it is read. Threads: safe from many, but for
/// `prove`, `begin` and `note_synced`, which one calls at a time.
class LogFiles final : public rocksdb::FileSystemWrapper {
 public:
  using Report = std::function<void(const core::Error&)>;

  LogFiles(const std::shared_ptr<rocksdb::FileSystem>& files, std::filesystem::path directory, Report report);
  ~LogFiles() override;
  const char* Name() const override { return "SconceLogFiles"; }

  /// What may be damaged when the database is opened.
  enum class Damaged : std::uint8_t {
    nothing,   // that was acknowledged
    any_part,  // all that is whole is read
  };
  /// To be called before the database is opened: from now on RocksDB sees of the logs what is proven to be whole; of
  /// those that this process wrote, as much as the last commit that succeeded needs. Changes no file. Errors: corrupt,
  /// io_error.
  Result<LogProof> prove(Damaged allowed);

  /// Which files a database writes no more.
  enum class Written : std::uint8_t {
    no_log,   // a write failed
    no_file,  // it is closed
  };
  /// Cuts off for good what was written of these after the last commit that succeeded, what needs no sync too. So a
  /// commit that was told to have failed does not come back later, and nobody reads what a power cut may take. Threads:
  /// who commits. Errors: io_error, no_space; then it may be tried again, and before that nothing may be written.
  Status cut_off_end(Written written);

  /// The database is open for writing, and nothing was written to it yet. What a log lost is reported, and cut off
  /// where the log stays: what is written from now on comes after it. Errors: io_error, no_space; then nothing may be
  /// written.
  Status begin();

  /// Appends a seal to the batch, which is about to be written.
  void seal(rocksdb::WriteBatch& batch);
  /// A batch was written and synced.
  void note_synced();

  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  class TrackedDirectory;

  SyncedPositions positions();
  SyncedPositions promise_positions();
  static std::uint64_t end_of(const std::string& name, const TrackedBytes& tracked);
  FileEnds ends();
  Status cut_off(const std::string& name, std::uint64_t size_bytes);
  std::string newest_manifest();
  Status write_synced_file();
  Status note_current();
  void report_tail();
  Status keep_logs();

  const std::filesystem::path directory_;
  const Report report_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<TrackedBytes>> tracked_;  // logs and manifests, made or kept here, by name
  std::string manifest_;                                          // which CURRENT names on the disk
  bool current_has_changed_ = false;                              // and its directory was not synced since
  LogProof proof_;                                                // of what RocksDB is about to read
  SealSalt salt_;
  std::mutex synced_file_mutex_;  // taken before the other one
  std::unique_ptr<SyncedFile> synced_file_;
};

}  // namespace sconce::server::storage
