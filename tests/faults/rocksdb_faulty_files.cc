#include "tests/faults/rocksdb_faulty_files.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace sconce::tests {

namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

/// A file that tells the ledger of its changes. Writing begins at its first byte, whatever is there.
class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::unique_ptr<rocksdb::FSWritableFile> file, SyncLedger::NodePtr node, FaultyFiles& files)
      : FSWritableFileOwnerWrapper(std::move(file)), node_(std::move(node)), files_(files) {}

  using FSWritableFileOwnerWrapper::Append;
  IOStatus Append(const rocksdb::Slice& bytes, const IOOptions& options, IODebugContext* debug) override {
    const IOStatus fault = files_.change();
    // A disk that fails, or is full, has often taken a part.
    const rocksdb::Slice taken(bytes.data(), fault.ok() ? bytes.size() : bytes.size() / 2);
    files_.ledger().writes(*node_, at_, taken.size());
    at_ += taken.size();
    const IOStatus appended = FSWritableFileOwnerWrapper::Append(taken, options, debug);
    return fault.ok() ? appended : fault;
  }
  IOStatus Append(const rocksdb::Slice& bytes, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(bytes, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    if (IOStatus fault = files_.change(FaultyFiles::Change::gives_back); !fault.ok()) return fault;
    files_.ledger().truncates(*node_, size);
    return FSWritableFileOwnerWrapper::Truncate(size, options, debug);
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return files_.sync(*node_); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return files_.sync(*node_); }
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

  void begin_at(std::uint64_t offset) { at_ = offset; }

 private:
  const SyncLedger::NodePtr node_;
  FaultyFiles& files_;
  std::uint64_t at_ = 0;
};

/// The same of one that is written anywhere.
class FaultyRandomFile final : public rocksdb::FSRandomRWFileOwnerWrapper {
 public:
  FaultyRandomFile(std::unique_ptr<rocksdb::FSRandomRWFile> file, SyncLedger::NodePtr node, FaultyFiles& files)
      : FSRandomRWFileOwnerWrapper(std::move(file)), node_(std::move(node)), files_(files) {}

  IOStatus Write(std::uint64_t offset, const rocksdb::Slice& bytes, const IOOptions& options,
                 IODebugContext* debug) override {
    const IOStatus fault = files_.change();
    // A disk that fails, or is full, has often taken a part.
    const rocksdb::Slice taken(bytes.data(), fault.ok() ? bytes.size() : bytes.size() / 2);
    files_.ledger().writes(*node_, offset, taken.size());
    const IOStatus written = FSRandomRWFileOwnerWrapper::Write(offset, taken, options, debug);
    return fault.ok() ? written : fault;
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return files_.sync(*node_); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return files_.sync(*node_); }

 private:
  const SyncLedger::NodePtr node_;
  FaultyFiles& files_;
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

// The disk never becomes too small for what a test is about, but by a fault.
constexpr std::uint64_t kDiskBytesMin = std::uint64_t{4} << 30;

}  // namespace

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

bool FaultyFiles::may_fail(Change change) const {
  switch (fault_) {
    case Fault::io_error: return change != Change::opens_to_read;
    case Fault::no_space: return change == Change::of_a_file || change == Change::opens;
    case Fault::no_descriptors: return change != Change::of_a_file && change != Change::gives_back;
  }
  std::unreachable();
}

IOStatus FaultyFiles::change(Change change) {
  const std::lock_guard lock(mutex_);
  if (power_is_cut_ && change != Change::opens_to_read) return IOStatus::IOError("the power is cut");
  if (!may_fail(change)) return IOStatus::OK();
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

IOStatus FaultyFiles::sync(SyncLedger::Node& node) {
  const std::uint64_t size_bytes = ledger_.size_of(node);
  const IOStatus fault = change(ledger_.is_dirty(node) ? Change::of_a_file : Change::gives_back);
  if (fault.ok()) ledger_.synced(node, size_bytes);
  else ledger_.sync_failed(node);
  return fault;
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
  SyncLedger::NodePtr node = ledger_.created(normal(name));
  IOStatus status = FileSystemWrapper::NewWritableFile(name, options, &made, debug);
  if (!status.ok()) return status;
  *file = std::make_unique<FaultyFile>(std::move(made), std::move(node), *this);
  return status;
}

IOStatus FaultyFiles::ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                         std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  if (IOStatus fault = change(Change::reopens); !fault.ok()) return fault;
  std::unique_ptr<rocksdb::FSWritableFile> opened;
  IOStatus status = FileSystemWrapper::ReopenWritableFile(name, options, &opened, debug);
  if (!status.ok()) return status;
  const SyncLedger::NodePtr node = ledger_.node_of(normal(name));
  auto faulty = std::make_unique<FaultyFile>(std::move(opened), node, *this);
  faulty->begin_at(ledger_.size_of(*node));
  *file = std::move(faulty);
  return status;
}

/// Its bytes are written over: what was not synced of the new ones may be the old ones after a power cut.
IOStatus FaultyFiles::ReuseWritableFile(const std::string& name, const std::string& old_name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  if (IOStatus fault = change(Change::opens); !fault.ok()) return fault;
  std::unique_ptr<rocksdb::FSWritableFile> opened;
  ledger_.renamed(normal(old_name), normal(name));
  IOStatus status = FileSystemWrapper::ReuseWritableFile(name, old_name, options, &opened, debug);
  if (!status.ok()) return status;
  *file = std::make_unique<FaultyFile>(std::move(opened), ledger_.node_of(normal(name)), *this);
  return status;
}

IOStatus FaultyFiles::NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSRandomRWFile>* file, IODebugContext* debug) {
  if (IOStatus fault = change(Change::reopens); !fault.ok()) return fault;
  std::unique_ptr<rocksdb::FSRandomRWFile> opened;
  IOStatus status = FileSystemWrapper::NewRandomRWFile(name, options, &opened, debug);
  if (!status.ok()) return status;
  *file = std::make_unique<FaultyRandomFile>(std::move(opened), ledger_.node_of(normal(name)), *this);
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

IOStatus FaultyFiles::NumFileLinks(const std::string& name, const IOOptions& options, std::uint64_t* count,
                                   IODebugContext* debug) {
  const IOStatus status = FileSystemWrapper::NumFileLinks(name, options, count, debug);
  if (status.ok()) *count -= ledger_.own_links(normal(name));
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
