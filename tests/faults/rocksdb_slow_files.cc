#include "tests/faults/rocksdb_slow_files.h"

#include <thread>
#include <utility>

namespace sconce::tests {

namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

constexpr std::uint64_t kOneIn = 20;
constexpr std::uint64_t kShortestMs = 50;
constexpr std::uint64_t kLongestMs = 500;

class SlowFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  SlowFile(std::unique_ptr<rocksdb::FSWritableFile> file, SlowFiles& files)
      : FSWritableFileOwnerWrapper(std::move(file)), files_(files) {}

  IOStatus Append(const rocksdb::Slice& bytes, const IOOptions& options, IODebugContext* debug) override {
    return files_.take([&] { return FSWritableFileOwnerWrapper::Append(bytes, options, debug); });
  }
  IOStatus Append(const rocksdb::Slice& bytes, const IOOptions& options, const rocksdb::DataVerificationInfo& info,
                  IODebugContext* debug) override {
    return files_.take([&] { return FSWritableFileOwnerWrapper::Append(bytes, options, info, debug); });
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    return files_.take([&] { return FSWritableFileOwnerWrapper::Truncate(size, options, debug); });
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return files_.take([&] { return FSWritableFileOwnerWrapper::Sync(options, debug); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return files_.take([&] { return FSWritableFileOwnerWrapper::Fsync(options, debug); });
  }

 private:
  SlowFiles& files_;
};

class SlowRandomFile final : public rocksdb::FSRandomRWFileOwnerWrapper {
 public:
  SlowRandomFile(std::unique_ptr<rocksdb::FSRandomRWFile> file, SlowFiles& files)
      : FSRandomRWFileOwnerWrapper(std::move(file)), files_(files) {}

  IOStatus Write(std::uint64_t offset, const rocksdb::Slice& bytes, const IOOptions& options,
                 IODebugContext* debug) override {
    return files_.take([&] { return FSRandomRWFileOwnerWrapper::Write(offset, bytes, options, debug); });
  }
  IOStatus Read(std::uint64_t offset, std::size_t size, const IOOptions& options, rocksdb::Slice* bytes, char* scratch,
                IODebugContext* debug) const override {
    return files_.take([&] { return FSRandomRWFileOwnerWrapper::Read(offset, size, options, bytes, scratch, debug); });
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return files_.take([&] { return FSRandomRWFileOwnerWrapper::Sync(options, debug); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return files_.take([&] { return FSRandomRWFileOwnerWrapper::Fsync(options, debug); });
  }

 private:
  SlowFiles& files_;
};

class SlowReadFile final : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  SlowReadFile(std::unique_ptr<rocksdb::FSRandomAccessFile> file, SlowFiles& files)
      : FSRandomAccessFileOwnerWrapper(std::move(file)), files_(files) {}

  IOStatus Read(std::uint64_t offset, std::size_t size, const IOOptions& options, rocksdb::Slice* bytes, char* scratch,
                IODebugContext* debug) const override {
    return files_.take(
        [&] { return FSRandomAccessFileOwnerWrapper::Read(offset, size, options, bytes, scratch, debug); });
  }
  IOStatus MultiRead(rocksdb::FSReadRequest* requests, std::size_t count, const IOOptions& options,
                     IODebugContext* debug) override {
    return files_.take([&] { return FSRandomAccessFileOwnerWrapper::MultiRead(requests, count, options, debug); });
  }

 private:
  SlowFiles& files_;
};

class SlowSequentialFile final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  SlowSequentialFile(std::unique_ptr<rocksdb::FSSequentialFile> file, SlowFiles& files)
      : FSSequentialFileOwnerWrapper(std::move(file)), files_(files) {}

  IOStatus Read(std::size_t size, const IOOptions& options, rocksdb::Slice* bytes, char* scratch,
                IODebugContext* debug) override {
    return files_.take([&] { return FSSequentialFileOwnerWrapper::Read(size, options, bytes, scratch, debug); });
  }

 private:
  SlowFiles& files_;
};

class SlowDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  SlowDirectory(std::unique_ptr<rocksdb::FSDirectory>&& directory, SlowFiles& files)
      : FSDirectoryWrapper(std::move(directory)), files_(files) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return files_.take([&] { return FSDirectoryWrapper::Fsync(options, debug); });
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& how) override {
    return files_.take([&] { return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, how); });
  }

 private:
  SlowFiles& files_;
};

/// Opens a file as `open` does, slowly, and puts the slow one around it.
template <typename Slow, typename File, typename Open>
IOStatus open_slowly(SlowFiles& files, std::unique_ptr<File>* file, Open&& open) {
  std::unique_ptr<File> opened;
  IOStatus status = files.take([&] { return open(&opened); });
  if (status.ok()) *file = std::make_unique<Slow>(std::move(opened), files);
  return status;
}

}  // namespace

SlowFiles::SlowFiles(const std::shared_ptr<rocksdb::FileSystem>& files, std::uint64_t seed)
    : FileSystemWrapper(files), random_(seed) {}

void SlowFiles::hold() {
  const std::lock_guard lock(mutex_);
  is_held_ = true;
}

void SlowFiles::release() {
  const std::lock_guard lock(mutex_);
  is_held_ = false;
  changed_.notify_all();
}

bool SlowFiles::wait_until_held(std::chrono::seconds longest) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, longest, [this] { return waiting_ > 0; });
}

std::uint64_t SlowFiles::slow_operations() {
  const std::lock_guard lock(mutex_);
  return slow_operations_;
}

SlowFiles::Delay SlowFiles::begin() {
  std::unique_lock lock(mutex_);
  waiting_ += 1;
  if (is_held_) changed_.notify_all();
  changed_.wait(lock, [this] { return !is_held_; });
  waiting_ -= 1;
  if (random_() % kOneIn != 0) return {};
  slow_operations_ += 1;
  const std::uint64_t time_ms = kShortestMs + random_() % (kLongestMs - kShortestMs + 1);
  return {.time = std::chrono::milliseconds(time_ms), .is_before = random_() % 2 == 0};
}

void SlowFiles::pause(const Delay& delay) { std::this_thread::sleep_for(delay.time); }

IOStatus SlowFiles::NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file, IODebugContext* debug) {
  return open_slowly<SlowSequentialFile>(
      *this, file, [&](auto* opened) { return FileSystemWrapper::NewSequentialFile(name, options, opened, debug); });
}

IOStatus SlowFiles::NewRandomAccessFile(const std::string& name, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file, IODebugContext* debug) {
  return open_slowly<SlowReadFile>(
      *this, file, [&](auto* opened) { return FileSystemWrapper::NewRandomAccessFile(name, options, opened, debug); });
}

IOStatus SlowFiles::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  return open_slowly<SlowFile>(
      *this, file, [&](auto* opened) { return FileSystemWrapper::NewWritableFile(name, options, opened, debug); });
}

IOStatus SlowFiles::ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  return open_slowly<SlowFile>(
      *this, file, [&](auto* opened) { return FileSystemWrapper::ReopenWritableFile(name, options, opened, debug); });
}

IOStatus SlowFiles::ReuseWritableFile(const std::string& name, const std::string& old_name,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  return open_slowly<SlowFile>(*this, file, [&](auto* opened) {
    return FileSystemWrapper::ReuseWritableFile(name, old_name, options, opened, debug);
  });
}

IOStatus SlowFiles::NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSRandomRWFile>* file, IODebugContext* debug) {
  return open_slowly<SlowRandomFile>(
      *this, file, [&](auto* opened) { return FileSystemWrapper::NewRandomRWFile(name, options, opened, debug); });
}

IOStatus SlowFiles::NewDirectory(const std::string& name, const IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory, IODebugContext* debug) {
  return open_slowly<SlowDirectory>(
      *this, directory, [&](auto* opened) { return FileSystemWrapper::NewDirectory(name, options, opened, debug); });
}

IOStatus SlowFiles::DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* debug) {
  return take([&] { return FileSystemWrapper::DeleteFile(name, options, debug); });
}

IOStatus SlowFiles::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                               IODebugContext* debug) {
  return take([&] { return FileSystemWrapper::RenameFile(from, to, options, debug); });
}

IOStatus SlowFiles::LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                             IODebugContext* debug) {
  return take([&] { return FileSystemWrapper::LinkFile(from, to, options, debug); });
}

}  // namespace sconce::tests
