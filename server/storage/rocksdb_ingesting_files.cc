#include "server/storage/rocksdb_ingesting_files.h"

#include <string>
#include <utility>

namespace sconce::server::storage {

namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class SyncedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  explicit SyncedFile(std::unique_ptr<rocksdb::FSWritableFile> file) : FSWritableFileOwnerWrapper(std::move(file)) {}
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
};

class IngestingFiles final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "SconceIngestingFiles"; }

  /// RocksDB opens a table file so to sync it after it was linked, and for nothing else: it never changes one.
  IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) override {
    IOStatus opened = FileSystemWrapper::ReopenWritableFile(name, options, file, debug);
    if (opened.ok() && name.ends_with(".sst")) *file = std::make_unique<SyncedFile>(std::move(*file));
    return opened;
  }
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> ingesting_files(const std::shared_ptr<rocksdb::FileSystem>& files) {
  return std::make_shared<IngestingFiles>(files);
}

}  // namespace sconce::server::storage
