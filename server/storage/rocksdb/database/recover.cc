// Opening the database where there is little space, and again after there was none.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "server/storage/rocksdb/database/database.h"
#include "server/storage/rocksdb/files/status.h"

namespace sconce::server::storage {

namespace {

using Mode = RocksdbInstance::Mode;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRetryPauseMin(500);
constexpr std::chrono::milliseconds kRetryPauseMax(30'000);

// As much space as was given back by others, rather than by the attempt that failed.
constexpr std::uint64_t kMuchMoreBytes = 1 << 20;

/// Whether there are some; opening takes few before it gives back those of the files that are open.
bool has_descriptors() {
  constexpr std::size_t kFew = 16;
  std::array<int, kFew> opened{};
  std::size_t count = 0;
  while (count < kFew && (opened[count] = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0) count += 1;
  for (std::size_t i = 0; i < count; ++i) ::close(opened[i]);
  return count == kFew;
}

core::Error with_advice(core::Error error, const std::filesystem::path& directory, LogFiles::Damaged allowed) {
  if (error.code != core::ErrorCode::corrupt) return error;
  if (allowed == LogFiles::Damaged::nothing) {
    error.what += "; `sconce repair --data " + directory.string() + "` shows what can be saved";
  } else {
    error.what += "; this cannot be repaired, put a backup of the directory in its place";
  }
  return error;
}

}  // namespace

Status RocksdbDatabase::open_files(Mode mode, LogFiles::Damaged allowed) {
  // Where it fails what is read ends there all the same, but nothing may be written.
  Status cut = logs_->cut_off_end(LogFiles::Written::no_file);
  if (!cut && mode != Mode::read_only) return cut;
  if (Status proven = prove_logs(mode, allowed); !proven) return proven;
  auto opened = RocksdbInstance::open(directory_,
                                      {.env = *env_,
                                       .log = log_,
                                       .cache = cache_,
                                       .write_buffer_bytes = write_buffer_bytes_,
                                       .sizes = space_.sizes(),
                                       .tables_open_max = tables_open_max_,
                                       .compaction_failed = [this] { space_.compaction_failed(); },
                                       .failed = wake_},
                                      mode);
  if (!opened) return std::unexpected(with_advice(std::move(opened.error()), directory_, allowed));
  instance_ = std::move(*opened);
  openings_ += 1;
  if (mode == Mode::read_only) return {};
  Status begun = logs_->begin();
  if (!begun) instance_.reset();
  return begun;
}

/// In the usual way if there is space for that, else with what the ballast gives.
Status RocksdbDatabase::open_to_write() {
  unlock();
  if (space_.has_space_to_open()) {
    Status opened = open_files(Mode::read_write);
    if (opened || opened.error().code != core::ErrorCode::no_space) return opened;
  }
  // A first start has no log, and is to be as usual.
  Status opened = open_files(Mode::tight);
  if (!opened && opened.error().code == core::ErrorCode::no_space && space_.ballast().give_up()) {
    opened = open_files(Mode::tight);
  }
  if (opened) wake_();
  return opened;
}

/// What cannot be written can still be read, and is opened to be written once there is space. RocksDB does not lock
/// what it only reads.
Status RocksdbDatabase::open_to_read(bool lacks_space) {
  instance_.reset();
  if (Status opened = open_files(Mode::read_only); !opened) return opened;
  env_->LockFile((directory_ / "LOCK").string(), &lock_).PermitUncheckedError();
  instance_->failure->shortage_of_space = lacks_space;
  instance_->failure->happened = true;
  return {};
}

void RocksdbDatabase::unlock() {
  if (lock_ != nullptr) env_->UnlockFile(std::exchange(lock_, nullptr)).PermitUncheckedError();
}

bool RocksdbDatabase::has_failed() {
  const Access access = acquire();
  return !access || access->failure->happened;
}

bool RocksdbDatabase::lacks_space() {
  const Access access = acquire();
  return access && access->failure->happened && access->failure->only_shortage && access->failure->shortage_of_space;
}

StoreHealth RocksdbDatabase::health() {
  using Trouble = StoreHealth::Trouble;
  const Access access = try_acquire();
  if (!access) return {.reads = false, .writes = false, .trouble = Trouble::reopening};
  const RocksdbFailure& failure = *access->failure;
  const auto reads_only = [](Trouble trouble) { return StoreHealth{.writes = false, .trouble = trouble}; };
  if (failure.happened && !failure.only_shortage) return reads_only(Trouble::write_failed);
  if (failure.happened && !failure.shortage_of_space) return reads_only(Trouble::no_descriptors);
  if (failure.happened || space_.free().is_full()) return reads_only(Trouble::disk_full);
  return {};
}

bool RocksdbDatabase::may_recover() {
  const bool has_more_space = space_.free_bytes().value_or(0) > free_at_failure_;
  if (Clock::now() < retry_at_ && !has_more_space) return false;
  const Access access = acquire();
  if (!access) return has_descriptors();
  if (!access->failure->happened || !access->failure->only_shortage) return false;
  return space_.has_any_space() && has_descriptors();
}

/// The segments of commits that failed go, and so does what the log forgot of what was dropped.
Status RocksdbDatabase::reopen_to_write() {
  Status opened = open_to_write();
  if (opened) opened = finish_opening();
  if (opened) opened = discard_abandoned_segments();
  if (opened) opened = drop_again();
  return opened;
}

Status RocksdbDatabase::recover(bool gives_up_ballast) {
  if (!may_recover()) return {};
  compaction_canceled_ = true;  // one that is under way would keep the files open until it is done
  const std::unique_lock lock(opening_);
  compaction_canceled_ = false;
  if (compaction_stopped_) compaction_canceled_ = true;
  const bool lacked_space = instance_ != nullptr && instance_->failure->shortage_of_space;
  instance_.reset();
  if (gives_up_ballast) space_.ballast().give_up();
  Status opened = reopen_to_write();
  if (opened) {
    retry_pause_ = {};
    return opened;
  }
  retry_pause_ = std::clamp(2 * retry_pause_, kRetryPauseMin, kRetryPauseMax);
  retry_at_ = Clock::now() + retry_pause_;
  free_at_failure_ = space_.free_bytes().value_or(0) + kMuchMoreBytes;
  // Where that fails too, nothing can be read until the next attempt, of which the caller tells. Nobody may write then.
  wake_();
  (void)open_to_read(lacked_space || opened.error().code == core::ErrorCode::no_space);
  return opened;
}

Result<FileCount::Share> RocksdbDatabase::open_file() {
  std::optional<FileCount::Share> share = files_open_.take();
  if (share) return std::move(*share);
  return core::fail(core::ErrorCode::unavailable,
                    "as many uploads and temporary files are open as there are descriptors for; more of them "
                    "(ulimit -Hn) let more be sent at once");
}

bool RocksdbDatabase::keep_space() {
  const Access access = acquire();
  if (!access) return true;
  if (access->failure->happened) return access->failure->only_shortage;
  return space_.keep(*access.operator->(), drops_, compaction_canceled_);
}

}  // namespace sconce::server::storage
