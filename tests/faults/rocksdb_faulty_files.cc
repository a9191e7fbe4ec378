#include "tests/faults/rocksdb_faulty_files.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include "tests/support/files.h"

namespace sconce::tests {

namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

/// A file that tells the ledger what becomes of it.
class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name, FaultyFiles& files)
      : FSWritableFileOwnerWrapper(std::move(file)), name_(std::move(name)), files_(files) {}

  using FSWritableFileOwnerWrapper::Append;
  IOStatus Append(const rocksdb::Slice& bytes, const IOOptions& options, IODebugContext* debug) override {
    const IOStatus fault = files_.change();
    // A disk that fails, or is full, has often taken a part.
    const rocksdb::Slice taken(bytes.data(), fault.ok() ? bytes.size() : bytes.size() / 2);
    const IOStatus appended = FSWritableFileOwnerWrapper::Append(taken, options, debug);
    size_bytes_ += taken.size();
    files_.ledger().grew(name_, size_bytes_);
    return fault.ok() ? appended : fault;
  }
  IOStatus Append(const rocksdb::Slice& bytes, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(bytes, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    if (IOStatus fault = files_.change(); !fault.ok()) return fault;
    return FSWritableFileOwnerWrapper::Truncate(size, options, debug);
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return sync(); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return sync(); }
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

  void begin_at(std::uint64_t size_bytes) { size_bytes_ = size_bytes; }

 private:
  IOStatus sync() {
    const std::uint64_t size_bytes = files_.ledger().size_of(name_);
    const IOStatus fault = files_.change();
    if (fault.ok()) files_.ledger().synced(name_, size_bytes);
    else files_.ledger().sync_failed(name_);
    return fault;
  }

  const std::string name_;
  FaultyFiles& files_;
  std::uint64_t size_bytes_ = 0;
};

class FaultyDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyDirectory(std::unique_ptr<rocksdb::FSDirectory>&& directory, std::string name, FaultyFiles& files)
      : FSDirectoryWrapper(std::move(directory)), name_(std::move(name)), files_(files) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return sync(); }
  IOStatus FsyncWithDirOptions(const IOOptions&, IODebugContext*, const rocksdb::DirFsyncOptions&) override {
    return sync();
  }

 private:
  IOStatus sync() {
    IOStatus fault = files_.change();
    if (fault.ok()) files_.ledger().directory_synced(name_);
    return fault;
  }

  const std::string name_;
  FaultyFiles& files_;
};

/// One name for each file, however its path is written.
std::string normal(const std::string& path) {
  std::string text = std::filesystem::path(path).lexically_normal().string();
  if (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

std::string directory_of(const std::string& file) { return std::filesystem::path(file).parent_path().string(); }

// The disk never becomes too small for what a test is about, but by a fault.
constexpr std::uint64_t kDiskBytesMin = std::uint64_t{4} << 30;

void write_file(const std::string& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace

void SyncLedger::created(const std::string& file) {
  const std::lock_guard lock(mutex_);
  files_[file] = {};
}

void SyncLedger::grew(const std::string& file, std::uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  files_[file].size_bytes = size_bytes;
}

std::uint64_t SyncLedger::size_of(const std::string& file) {
  const std::lock_guard lock(mutex_);
  return files_[file].size_bytes;
}

void SyncLedger::synced(const std::string& file, std::uint64_t size_bytes) {
  const std::lock_guard lock(mutex_);
  if (!files_[file].sync_failed) files_[file].synced_bytes = size_bytes;
}

void SyncLedger::sync_failed(const std::string& file) {
  const std::lock_guard lock(mutex_);
  files_[file].sync_failed = true;
}

void SyncLedger::directory_synced(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  for (auto& [name, file] : files_) {
    if (directory_of(name) == directory) file.name_synced = true;
  }
  std::erase_if(renames_, [&](const Rename& rename) { return directory_of(rename.to) == directory; });
}

void SyncLedger::renamed(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  Rename rename{.from = from, .to = to, .replaced = std::nullopt};
  if (std::filesystem::exists(to)) rename.replaced = read_file(to);
  renames_.push_back(std::move(rename));
  files_[to] = files_[from];
  files_.erase(from);
}

void SyncLedger::linked(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  files_[to] = files_[from];
  files_[to].name_synced = false;
}

void SyncLedger::removed(const std::string& file) {
  const std::lock_guard lock(mutex_);
  files_.erase(file);
  std::erase_if(renames_, [&](const Rename& rename) { return rename.to == file; });
}

void SyncLedger::apply_power_cut() {
  const std::lock_guard lock(mutex_);
  std::error_code ignored;
  for (auto rename = renames_.rbegin(); rename != renames_.rend(); ++rename) {
    std::filesystem::rename(rename->to, rename->from, ignored);
    files_[rename->from] = files_[rename->to];
    files_.erase(rename->to);
    if (rename->replaced) write_file(rename->to, *rename->replaced);
  }
  for (const auto& [name, file] : files_) {
    if (!std::filesystem::exists(name)) continue;
    if (!file.name_synced) {
      std::filesystem::remove(name);
      continue;
    }
    const std::uint64_t unsynced = file.size_bytes - file.synced_bytes;
    const std::uint64_t left = unsynced == 0 ? 0 : random_() % (unsynced + 1);
    std::filesystem::resize_file(name, file.synced_bytes + left);
  }
  files_.clear();
  renames_.clear();
}

FaultyFiles::FaultyFiles(std::uint64_t seed) : FileSystemWrapper(rocksdb::FileSystem::Default()), ledger_(seed) {}

void FaultyFiles::fail_at(std::uint64_t n, Fault fault, Lasting lasting) {
  const std::lock_guard lock(mutex_);
  changes_ = 0;
  fail_at_ = n;
  fault_ = fault;
  lasting_ = lasting;
}

void FaultyFiles::heal() {
  const std::lock_guard lock(mutex_);
  fail_at_ = 0;
}

std::uint64_t FaultyFiles::changes() {
  const std::lock_guard lock(mutex_);
  return changes_;
}

void FaultyFiles::cut_power() {
  const std::lock_guard lock(mutex_);
  power_is_cut_ = true;
}

void FaultyFiles::set_free_bytes(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  free_bytes_ = bytes;
}

IOStatus FaultyFiles::change(Change change) {
  const std::lock_guard lock(mutex_);
  if (power_is_cut_ && change != Change::opens_to_read) return IOStatus::IOError("the power is cut");
  const bool counts = fault_ == Fault::no_descriptors ? change != Change::of_a_file : change != Change::opens_to_read;
  if (!counts) return IOStatus::OK();
  changes_ += 1;
  if (!fails()) return IOStatus::OK();
  switch (fault_) {
    case Fault::io_error: return IOStatus::IOError("the disk fails");
    case Fault::no_space: return IOStatus::NoSpace("the disk is full");
    case Fault::no_descriptors: return IOStatus::IOError("opening", std::generic_category().message(EMFILE));
  }
  std::unreachable();
}

bool FaultyFiles::fails() const {
  if (fail_at_ == 0) return false;
  return changes_ == fail_at_ || (changes_ > fail_at_ && lasting_ == Lasting::until_healed);
}

IOStatus FaultyFiles::GetFreeSpace(const std::string& path, const IOOptions& options, std::uint64_t* bytes,
                                   IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  IOStatus status = FileSystemWrapper::GetFreeSpace(path, options, bytes, debug);
  *bytes = free_bytes_.value_or(std::max(*bytes, kDiskBytesMin));
  if (fault_ == Fault::no_space && lasting_ == Lasting::until_healed && fails()) *bytes = 0;
  return status;
}

IOStatus FaultyFiles::NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSSequentialFile>* file, IODebugContext* debug) {
  if (IOStatus fault = change(Change::opens_to_read); !fault.ok()) return fault;
  return FileSystemWrapper::NewSequentialFile(name, options, file, debug);
}

IOStatus FaultyFiles::NewRandomAccessFile(const std::string& name, const rocksdb::FileOptions& options,
                                          std::unique_ptr<rocksdb::FSRandomAccessFile>* file, IODebugContext* debug) {
  if (IOStatus fault = change(Change::opens_to_read); !fault.ok()) return fault;
  return FileSystemWrapper::NewRandomAccessFile(name, options, file, debug);
}

IOStatus FaultyFiles::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  if (IOStatus fault = change(Change::opens); !fault.ok()) return fault;
  std::unique_ptr<rocksdb::FSWritableFile> made;
  IOStatus status = FileSystemWrapper::NewWritableFile(name, options, &made, debug);
  if (!status.ok()) return status;
  ledger_.created(normal(name));
  *file = std::make_unique<FaultyFile>(std::move(made), normal(name), *this);
  return status;
}

IOStatus FaultyFiles::ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                         std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  if (IOStatus fault = change(Change::opens); !fault.ok()) return fault;
  std::unique_ptr<rocksdb::FSWritableFile> opened;
  IOStatus status = FileSystemWrapper::ReopenWritableFile(name, options, &opened, debug);
  if (!status.ok()) return status;
  auto faulty = std::make_unique<FaultyFile>(std::move(opened), normal(name), *this);
  faulty->begin_at(ledger_.size_of(normal(name)));
  *file = std::move(faulty);
  return status;
}

/// What was not synced of the new bytes is gone after a power cut; what stands there instead nobody may rely on.
IOStatus FaultyFiles::ReuseWritableFile(const std::string& name, const std::string& old_name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  if (IOStatus fault = change(Change::opens); !fault.ok()) return fault;
  std::unique_ptr<rocksdb::FSWritableFile> opened;
  ledger_.renamed(normal(old_name), normal(name));
  IOStatus status = FileSystemWrapper::ReuseWritableFile(name, old_name, options, &opened, debug);
  if (!status.ok()) return status;
  ledger_.created(normal(name));
  *file = std::make_unique<FaultyFile>(std::move(opened), normal(name), *this);
  return status;
}

IOStatus FaultyFiles::NewDirectory(const std::string& name, const IOOptions& options,
                                   std::unique_ptr<rocksdb::FSDirectory>* directory, IODebugContext* debug) {
  if (IOStatus fault = change(Change::opens_to_read); !fault.ok()) return fault;
  std::unique_ptr<rocksdb::FSDirectory> opened;
  IOStatus status = FileSystemWrapper::NewDirectory(name, options, &opened, debug);
  if (status.ok()) *directory = std::make_unique<FaultyDirectory>(std::move(opened), normal(name), *this);
  return status;
}

IOStatus FaultyFiles::DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* debug) {
  if (IOStatus fault = change(); !fault.ok()) return fault;
  ledger_.removed(normal(name));
  return FileSystemWrapper::DeleteFile(name, options, debug);
}

IOStatus FaultyFiles::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                 IODebugContext* debug) {
  if (IOStatus fault = change(); !fault.ok()) return fault;
  ledger_.renamed(normal(from), normal(to));
  return FileSystemWrapper::RenameFile(from, to, options, debug);
}

IOStatus FaultyFiles::LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                               IODebugContext* debug) {
  if (IOStatus fault = change(); !fault.ok()) return fault;
  ledger_.linked(normal(from), normal(to));
  return FileSystemWrapper::LinkFile(from, to, options, debug);
}

}  // namespace sconce::tests
