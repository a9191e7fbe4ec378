#include "server/storage/rocksdb_spare_files.h"

#include <utility>

namespace sconce::server::storage {

namespace {

using rocksdb::FileOptions;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

constexpr std::string_view kTableSuffix = ".sst";
// More than are given up between two uploads; each is empty.
constexpr std::size_t kSpareFilesMax = 256;

}  // namespace

SpareFiles::SpareFiles(const std::shared_ptr<rocksdb::FileSystem>& files, std::filesystem::path directory)
    : FileSystemWrapper(files), directory_(std::move(directory)) {}

IOStatus SpareFiles::DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* debug) {
  if (may_keep(name, options, debug) && keep(name, options, debug)) return IOStatus::OK();
  return FileSystemWrapper::DeleteFile(name, options, debug);
}

IOStatus SpareFiles::NewWritableFile(const std::string& name, const FileOptions& options,
                                     std::unique_ptr<FSWritableFile>* file, IODebugContext* debug) {
  const std::filesystem::path path(name);
  if (path.parent_path() == directory_ && path.extension() == kTableSuffix) {
    // If it cannot be renamed, a new one is made all the same.
    if (const std::string spare = take(); !spare.empty()) RenameFile(spare, name, options.io_options, debug);
  }
  return FileSystemWrapper::NewWritableFile(name, options, file, debug);
}

/// An upload has two names while it is taken in, and loses the first.
bool SpareFiles::may_keep(const std::string& name, const IOOptions& options, IODebugContext* debug) {
  if (!started_ || !name.ends_with(kTableSuffix)) return false;
  if (const std::lock_guard lock(mutex_); spare_.size() >= kSpareFilesMax) return false;
  std::uint64_t names = 0;
  return NumFileLinks(name, options, &names, debug).ok() && names == 1;
}

/// False: it is there still, or under a name that the next start removes.
bool SpareFiles::keep(const std::string& name, const IOOptions& options, IODebugContext* debug) {
  std::string spare;
  {
    const std::lock_guard lock(mutex_);
    spare = directory_ / ("spare-" + std::to_string(made_++));
  }
  if (!RenameFile(name, spare, options, debug).ok()) return false;
  std::unique_ptr<FSWritableFile> emptied;
  IOStatus status = FileSystemWrapper::NewWritableFile(spare, {}, &emptied, debug);
  if (status.ok()) status = emptied->Close(options, debug);
  if (!status.ok()) return FileSystemWrapper::DeleteFile(spare, options, debug).ok();
  const std::lock_guard lock(mutex_);
  spare_.push_back(std::move(spare));
  return true;
}

std::string SpareFiles::take() {
  const std::lock_guard lock(mutex_);
  if (spare_.empty()) return {};
  std::string spare = std::move(spare_.back());
  spare_.pop_back();
  return spare;
}

}  // namespace sconce::server::storage
