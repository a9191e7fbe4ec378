#include "server/storage/rocksdb/log/tracked_file.h"

#include <algorithm>
#include <utility>

namespace sconce::server::storage {

namespace {

using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class TrackedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  TrackedFile(std::unique_ptr<FSWritableFile> file, std::shared_ptr<TrackedBytes> tracked, std::mutex& mutex)
      : FSWritableFileOwnerWrapper(std::move(file)), tracked_(std::move(tracked)), mutex_(mutex) {}

  IOStatus Append(const rocksdb::Slice& bytes, const IOOptions& options, IODebugContext* debug) override {
    return appended(FSWritableFileOwnerWrapper::Append(bytes, options, debug), bytes.size());
  }
  IOStatus Append(const rocksdb::Slice& bytes, const IOOptions& options, const rocksdb::DataVerificationInfo& verify,
                  IODebugContext* debug) override {
    return appended(FSWritableFileOwnerWrapper::Append(bytes, options, verify, debug), bytes.size());
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    const std::uint64_t bytes = size();
    return synced(FSWritableFileOwnerWrapper::Sync(options, debug), bytes);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    const std::uint64_t bytes = size();
    return synced(FSWritableFileOwnerWrapper::Fsync(options, debug), bytes);
  }

 private:
  std::uint64_t size() {
    const std::lock_guard lock(mutex_);
    return tracked_->bytes;
  }
  IOStatus appended(IOStatus status, std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    if (status.ok()) tracked_->bytes += bytes;
    else tracked_->has_failed = true;
    return status;
  }
  /// After a sync that failed a later one proves nothing.
  IOStatus synced(IOStatus status, std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    if (!status.ok()) tracked_->has_failed = true;
    else if (!tracked_->has_failed) tracked_->synced_bytes = std::max(tracked_->synced_bytes, bytes);
    return status;
  }

  const std::shared_ptr<TrackedBytes> tracked_;
  std::mutex& mutex_;
};

}  // namespace

std::unique_ptr<FSWritableFile> tracked_file(std::unique_ptr<FSWritableFile> file,
                                             std::shared_ptr<TrackedBytes> tracked, std::mutex& mutex) {
  return std::make_unique<TrackedFile>(std::move(file), std::move(tracked), mutex);
}

}  // namespace sconce::server::storage
