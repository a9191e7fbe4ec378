#include "server/storage/rocksdb/files/spare_files.h"

#include <algorithm>
#include <utility>

namespace sconce::server::storage {

namespace {

using rocksdb::FileOptions;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

constexpr std::string_view kTableSuffix = ".sst";
// More than are given up between two uploads.
constexpr std::size_t kSpareFilesMax = 256;
constexpr std::uint64_t kFullBytesMax = 256 << 20;
// An upload that takes a larger one might hold its space for long, and of a large file little time goes into blocks.
constexpr std::uint64_t kFullFileBytesMax = 4 << 20;
// Where there is less, a disk that fills up should not do so for bytes that nobody needs.
constexpr std::uint64_t kFreeBytesMin = 4 * kFullBytesMax;
constexpr std::chrono::seconds kUnusedMax(1);

/// A file that begins over one that had `old_bytes`, and ends where it was written to.
class WrittenOver final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WrittenOver(std::unique_ptr<FSWritableFile> file, std::uint64_t old_bytes)
      : FSWritableFileOwnerWrapper(std::move(file)), old_bytes_(old_bytes) {}

  IOStatus Append(const rocksdb::Slice& bytes, const IOOptions& options, IODebugContext* debug) override {
    written_bytes_ += bytes.size();
    return FSWritableFileOwnerWrapper::Append(bytes, options, debug);
  }
  IOStatus Append(const rocksdb::Slice& bytes, const IOOptions& options, const rocksdb::DataVerificationInfo& verify,
                  IODebugContext* debug) override {
    written_bytes_ += bytes.size();
    return FSWritableFileOwnerWrapper::Append(bytes, options, verify, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    const IOStatus cut = cut_off(options, debug);
    return cut.ok() ? FSWritableFileOwnerWrapper::Sync(options, debug) : cut;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    const IOStatus cut = cut_off(options, debug);
    return cut.ok() ? FSWritableFileOwnerWrapper::Fsync(options, debug) : cut;
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    const IOStatus cut = cut_off(options, debug);
    const IOStatus closed = FSWritableFileOwnerWrapper::Close(options, debug);
    return cut.ok() ? closed : cut;
  }

 private:
  /// What is left of the old bytes goes.
  IOStatus cut_off(const IOOptions& options, IODebugContext* debug) {
    if (old_bytes_ <= written_bytes_) return IOStatus::OK();
    const IOStatus cut = FSWritableFileOwnerWrapper::Truncate(written_bytes_, options, debug);
    if (cut.ok()) old_bytes_ = written_bytes_;
    return cut;
  }

  std::uint64_t old_bytes_;
  std::uint64_t written_bytes_ = 0;
};

}  // namespace

SpareFiles::SpareFiles(const std::shared_ptr<rocksdb::FileSystem>& files, std::filesystem::path directory)
    : FileSystemWrapper(files), directory_(std::move(directory)) {}

SpareFiles::~SpareFiles() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  empty_all();
}

void SpareFiles::start() {
  const std::lock_guard lock(mutex_);
  started_ = true;
  thread_ = std::thread([this] { empty_unused(); });
}

void SpareFiles::empty_all() { empty_kept_before(Clock::time_point::max()); }

IOStatus SpareFiles::DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* debug) {
  if (may_keep(name, options, debug) && keep(name, options, debug)) return IOStatus::OK();
  return FileSystemWrapper::DeleteFile(name, options, debug);
}

IOStatus SpareFiles::NewWritableFile(const std::string& name, const FileOptions& options,
                                     std::unique_ptr<FSWritableFile>* file, IODebugContext* debug) {
  const std::filesystem::path path(name);
  if (path.parent_path() == directory_ && path.extension() == kTableSuffix) {
    if (const std::optional<Spare> spare = take()) {
      const IOStatus reused = FileSystemWrapper::ReuseWritableFile(name, spare->path, options, file, debug);
      if (reused.ok()) {
        *file = std::make_unique<WrittenOver>(std::move(*file), spare->size_bytes);
        return reused;
      }
      empty(*spare);
    }
  }
  return FileSystemWrapper::NewWritableFile(name, options, file, debug);
}

/// Not an upload: one that failed may have found the disk full. It has two names while it is taken in, and loses the
/// first.
bool SpareFiles::may_keep(const std::string& name, const IOOptions& options, IODebugContext* debug) {
  const std::filesystem::path path(name);
  if (path.extension() != kTableSuffix || path.parent_path() == directory_) return false;
  {
    const std::lock_guard lock(mutex_);
    if (!started_ || empty_.size() + full_.size() >= kSpareFilesMax) return false;
  }
  std::uint64_t names = 0;
  return NumFileLinks(name, options, &names, debug).ok() && names == 1;
}

/// False: it is there still, or under a name that the next start removes.
bool SpareFiles::keep(const std::string& name, const IOOptions& options, IODebugContext* debug) {
  Spare spare;
  if (!GetFileSize(name, options, &spare.size_bytes, debug).ok()) return false;
  {
    const std::lock_guard lock(mutex_);
    spare.path = directory_ / ("spare-" + std::to_string(made_++));
  }
  if (!RenameFile(name, spare.path, options, debug).ok()) return false;
  std::uint64_t free_bytes = 0;
  const bool has_space = GetFreeSpace(directory_, options, &free_bytes, debug).ok() && free_bytes >= kFreeBytesMin;
  if (has_space && put_back(spare)) return true;
  return empty(std::move(spare));
}

/// The newest: its bytes are in memory still.
std::optional<SpareFiles::Spare> SpareFiles::take() {
  const std::lock_guard lock(mutex_);
  std::vector<Spare>& spares = full_.empty() ? empty_ : full_;
  if (spares.empty()) return std::nullopt;
  Spare spare = std::move(spares.back());
  spares.pop_back();
  full_bytes_ -= spare.size_bytes;
  return spare;
}

/// False: there is no room for its bytes.
bool SpareFiles::put_back(const Spare& spare) {
  const std::lock_guard lock(mutex_);
  if (spare.size_bytes > std::min(kFullFileBytesMax, kFullBytesMax - full_bytes_)) return false;
  full_bytes_ += spare.size_bytes;
  std::vector<Spare>& spares = spare.size_bytes == 0 ? empty_ : full_;
  spares.push_back(spare);
  spares.back().kept_at = Clock::now();
  if (rests_ && !full_.empty()) changed_.notify_all();
  return true;
}

/// Keeps it without its bytes, or not at all. False: neither could be done.
bool SpareFiles::empty(Spare spare) {
  std::unique_ptr<FSWritableFile> emptied;
  IOStatus status = FileSystemWrapper::NewWritableFile(spare.path, {}, &emptied, nullptr);
  if (status.ok()) status = emptied->Close({}, nullptr);
  if (!status.ok()) return FileSystemWrapper::DeleteFile(spare.path, {}, nullptr).ok();
  spare.size_bytes = 0;
  return put_back(spare);
}

void SpareFiles::empty_kept_before(Clock::time_point time) {
  while (true) {
    Spare spare;
    {
      const std::lock_guard lock(mutex_);
      if (full_.empty() || full_.front().kept_at > time) return;
      spare = std::move(full_.front());
      full_.erase(full_.begin());
      full_bytes_ -= spare.size_bytes;
    }
    empty(std::move(spare));  // if it cannot be, the next start removes it
  }
}

/// Looks once a second while there is anything to empty; to be woken for each file would cost more than that.
void SpareFiles::empty_unused() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    rests_ = full_.empty();
    if (rests_) {
      changed_.wait(lock);
      continue;
    }
    if (changed_.wait_for(lock, kUnusedMax, [this] { return stopping_; })) return;
    lock.unlock();
    empty_kept_before(Clock::now() - kUnusedMax);
    lock.lock();
  }
}

}  // namespace sconce::server::storage
