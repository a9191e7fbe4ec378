#pragma once

#include <rocksdb/file_system.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace sconce::server::storage {

/// A file system that makes new files of uploads out of table files that go, by writing over what they hold. Making a
/// file costs more than that, above all in a directory where many others do so, and so does giving its blocks back to
/// take others: bytes that are written over have their place on the disk already, so that a sync need not record one.
/// `files` does all else.
///
/// Space comes back: what is not written over within a second or two is emptied. What is more than 4 MiB, or than
/// 256 MiB together, is emptied at once, as is every file where less than 1 GiB is free.
///
/// A file is only kept if it has no other name and was given up while this is started; what a crash left is removed.
/// RocksDB gives a file up when nobody can read it any more and its manifest on the disk no longer names it. None may
/// be mapped into memory by anyone who reads on after that. Threads: safe from many.
class SpareFiles final : public rocksdb::FileSystemWrapper {
 public:
  /// `directory` holds the uploads, and the spare files; whoever starts this has emptied it.
  SpareFiles(const std::shared_ptr<rocksdb::FileSystem>& files, std::filesystem::path directory);
  ~SpareFiles() override;
  SpareFiles(const SpareFiles&) = delete;
  SpareFiles& operator=(const SpareFiles&) = delete;
  const char* Name() const override { return "SconceSpareFiles"; }

  /// From now on files that go are kept.
  void start();

  /// Gives the space of all that are kept back.
  void empty_all();

  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;

 private:
  using Clock = std::chrono::steady_clock;
  struct Spare {
    std::string path;
    std::uint64_t size_bytes = 0;
    Clock::time_point kept_at;
  };

  bool may_keep(const std::string& name, const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug);
  bool keep(const std::string& name, const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug);
  std::optional<Spare> take();
  bool put_back(const Spare& spare);
  bool empty(Spare spare);
  void empty_kept_before(Clock::time_point time);
  void empty_unused();

  const std::filesystem::path directory_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool started_ = false;
  bool stopping_ = false;
  bool rests_ = false;  // the thread, until there is a file to empty
  std::vector<Spare> empty_;
  std::vector<Spare> full_;  // in the order in which they were kept
  std::uint64_t full_bytes_ = 0;
  std::size_t made_ = 0;  // names so far
  std::thread thread_;    // runs empty_unused
};

}  // namespace sconce::server::storage
