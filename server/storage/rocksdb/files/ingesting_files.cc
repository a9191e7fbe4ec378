#include "server/storage/rocksdb/files/ingesting_files.h"

#include <string>
#include <utility>

namespace sconce::server::storage {

namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

/// A file that is on the disk, whole.
class SyncedFile final : public rocksdb::FSWritableFile {
 public:
  using FSWritableFile::Append;
  IOStatus Append(const rocksdb::Slice&, const IOOptions&, IODebugContext*) override {
    return IOStatus::NotSupported("a file that was taken in is not written to");
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
};

class IngestingFiles final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "SconceIngestingFiles"; }

  /// RocksDB opens a table file so to sync it after it was linked, and for nothing else: it never changes one.
  IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) override {
    if (!name.ends_with(".sst")) return FileSystemWrapper::ReopenWritableFile(name, options, file, debug);
    *file = std::make_unique<SyncedFile>();
    return IOStatus::OK();
  }
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> ingesting_files(const std::shared_ptr<rocksdb::FileSystem>& files) {
  return std::make_shared<IngestingFiles>(files);
}

}  // namespace sconce::server::storage
