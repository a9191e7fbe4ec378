#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

namespace sconce::server::storage {

/// A file system that makes new files of uploads out of table files that go: emptied, so that their space is free at
/// once, and renamed. Making a file costs more than that, above all in a directory where many others do so, since a
/// file system searches for a free inode while it holds the directory. `files` does all else.
///
/// A file is only kept if it has no other name and was given up while this is started; what a crash left is removed.
/// RocksDB gives a file up when nobody can read it any more and its manifest on the disk no longer names it. None may
/// be mapped into memory by anyone who reads on after that. Threads: safe from many.
class SpareFiles final : public rocksdb::FileSystemWrapper {
 public:
  /// `directory` holds the uploads, and the spare files; whoever starts this has emptied it.
  SpareFiles(const std::shared_ptr<rocksdb::FileSystem>& files, std::filesystem::path directory);
  const char* Name() const override { return "SconceSpareFiles"; }

  /// From now on files that go are kept.
  void start() { started_ = true; }

  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;

 private:
  bool may_keep(const std::string& name, const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug);
  bool keep(const std::string& name, const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug);
  std::string take();

  const std::filesystem::path directory_;
  std::atomic<bool> started_ = false;
  std::mutex mutex_;
  std::vector<std::string> spare_;  // paths
  std::size_t made_ = 0;            // names so far
};

}  // namespace sconce::server::storage
