#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "tests/faults/sync_ledger.h"

namespace sconce::tests {

/// The system's files, for RocksDB, with faults. Syncing does nothing but that it is remembered, so tests are fast, and
/// a power cut can be played. Threads: safe from many.
class FaultyFiles final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultyFiles(std::uint64_t seed = 0);
  const char* Name() const override { return "FaultyFiles"; }

  /// `no_descriptors`: only what opens a file counts, and fails.
  enum class Fault : std::uint8_t { io_error, no_space, no_descriptors };
  enum class Lasting : std::uint8_t { once, until_healed };
  /// The nth change from here on fails, counted from 1.
  void fail_at(std::uint64_t n, Fault fault, Lasting lasting);
  void heal();
  /// What the volume says is free, faults apart.
  void set_free_bytes(std::uint64_t bytes);
  /// Changes since `fail_at`, or since the begin.
  std::uint64_t changes();

  /// Every change fails from here on.
  void cut_power();
  /// Once the database is closed.
  void apply_power_cut() { ledger_.apply_power_cut(); }

  /// Counts one change; fails where that was asked for. What only gives space back does so on a full disk too, and no
  /// file is opened for it; `reopens` takes a descriptor and no space.
  enum class Change : std::uint8_t { of_a_file, gives_back, opens, reopens, opens_to_read };
  rocksdb::IOStatus change(Change change = Change::of_a_file);
  /// The same, of a sync.
  rocksdb::IOStatus sync(SyncLedger::Node& node);
  SyncLedger& ledger() { return ledger_; }

  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& name, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NumFileLinks(const std::string& name, const rocksdb::IOOptions& options, std::uint64_t* count,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options, std::uint64_t* bytes,
                                 rocksdb::IODebugContext* debug) override;

 private:
  bool may_fail(Change change) const;
  bool fails() const;

  SyncLedger ledger_;
  std::mutex mutex_;
  std::uint64_t changes_ = 0;
  std::uint64_t fail_at_ = 0;  // 0: none does
  Fault fault_ = Fault::io_error;
  Lasting lasting_ = Lasting::once;
  bool power_is_cut_ = false;
  std::optional<std::uint64_t> free_bytes_;
};

}  // namespace sconce::tests
