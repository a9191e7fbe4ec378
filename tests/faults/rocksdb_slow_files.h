#pragma once

#include <rocksdb/file_system.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <string>

namespace sconce::tests {

/// Another file system, as on a disk that is worn, or busy for somebody else: one operation in 20 takes 50 to 500 ms
/// more, before or after it is done. Threads: safe from many.
class SlowFiles final : public rocksdb::FileSystemWrapper {
 public:
  SlowFiles(const std::shared_ptr<rocksdb::FileSystem>& files, std::uint64_t seed);
  const char* Name() const override { return "SlowFiles"; }

  /// Every operation that begins from here on waits until `release`.
  void hold();
  void release();
  /// Until an operation waits. False if none does within `longest`.
  bool wait_until_held(std::chrono::seconds longest);

  /// Operations that took long so far.
  std::uint64_t slow_operations();

  /// Does one, slowly where it is its turn.
  template <typename Operation>
  auto take(Operation&& operation) {
    const Delay delay = begin();
    if (delay.is_before) pause(delay);
    auto result = operation();
    if (!delay.is_before) pause(delay);
    return result;
  }

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

 private:
  struct Delay {
    std::chrono::milliseconds time{0};
    bool is_before = true;
  };
  Delay begin();
  static void pause(const Delay& delay);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::mt19937_64 random_;
  bool is_held_ = false;
  std::uint64_t waiting_ = 0;
  std::uint64_t slow_operations_ = 0;
};

}  // namespace sconce::tests
