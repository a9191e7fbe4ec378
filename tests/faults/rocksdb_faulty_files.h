#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace sconce::tests {

/// What a disk would still hold after a power cut: of every file that was changed, how far it was synced, and whether
/// its name was. Threads: safe from many.
class SyncLedger {
 public:
  explicit SyncLedger(std::uint64_t seed) : random_(seed) {}

  void created(const std::string& file);
  void grew(const std::string& file, std::uint64_t size_bytes);
  std::uint64_t size_of(const std::string& file);
  void synced(const std::string& file, std::uint64_t size_bytes);
  /// After a sync that failed nobody knows what became of the bytes; that a later one succeeds says nothing of them.
  void sync_failed(const std::string& file);
  void directory_synced(const std::string& directory);
  /// To be told before it is done.
  void renamed(const std::string& from, const std::string& to);
  void linked(const std::string& from, const std::string& to);
  void removed(const std::string& file);

  /// Makes the real files what a power cut would leave: names that were not synced are gone, renames undone, and of
  /// bytes that were not synced a random part is left. Removed files stay removed.
  void apply_power_cut();

 private:
  struct File {
    std::uint64_t size_bytes = 0;
    std::uint64_t synced_bytes = 0;
    bool name_synced = false;
    bool sync_failed = false;
  };
  struct Rename {
    std::string from;
    std::string to;
    std::optional<std::string> replaced;  // what `to` held before
  };

  std::mutex mutex_;
  std::mt19937_64 random_;
  std::map<std::string, File> files_;
  std::vector<Rename> renames_;  // whose directory has not been synced since
};

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

  /// Counts one change; fails where that was asked for.
  enum class Change : std::uint8_t { of_a_file, opens, opens_to_read };
  rocksdb::IOStatus change(Change change = Change::of_a_file);
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
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options, std::uint64_t* bytes,
                                 rocksdb::IODebugContext* debug) override;

 private:
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
