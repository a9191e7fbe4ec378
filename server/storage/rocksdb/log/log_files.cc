#include "server/storage/rocksdb/log/log_files.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>
#include <vector>

#include "server/storage/rocksdb/files/status.h"
#include "server/storage/rocksdb/log/proven_file.h"
#include "server/storage/rocksdb/log/tracked_file.h"

namespace sconce::server::storage {

namespace {

using rocksdb::FileOptions;
using rocksdb::FSDirectory;
using rocksdb::FSSequentialFile;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

std::string file_name(const std::string& path) { return std::filesystem::path(path).filename().string(); }

bool is_log(const std::string& name) { return name.ends_with(".log"); }
bool is_manifest(const std::string& name) { return name.starts_with("MANIFEST-"); }

std::uint64_t number_in(std::string_view name) {
  const std::size_t begin = std::min(name.find_first_of("0123456789"), name.size());
  std::uint64_t number = 0;
  std::from_chars(name.data() + begin, name.data() + name.size(), number);
  return number;
}

SealSalt new_salt() {
  SealSalt salt;
  if (getentropy(salt.data(), salt.size()) != 0) throw std::runtime_error("the system gives no random bytes");
  return salt;
}

}  // namespace

class LogFiles::TrackedDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  TrackedDirectory(std::unique_ptr<FSDirectory>&& directory, LogFiles& files)
      : FSDirectoryWrapper(std::move(directory)), files_(files) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return name_after([&] { return FSDirectoryWrapper::Fsync(options, debug); });
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& what) override {
    return name_after([&] { return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, what); });
  }

 private:
  template <class Sync>
  IOStatus name_after(Sync sync) {
    std::vector<std::shared_ptr<TrackedBytes>> made;
    {
      const std::lock_guard lock(files_.mutex_);
      for (const auto& [name, tracked] : files_.tracked_) {
        if (!tracked->is_named) made.push_back(tracked);
      }
    }
    IOStatus status = sync();
    if (!status.ok()) return status;
    {
      const std::lock_guard lock(files_.mutex_);
      for (const auto& tracked : made) tracked->is_named = true;
    }
    const Status noted = files_.note_current();
    if (noted) return status;
    return noted.error().code == core::ErrorCode::no_space ? IOStatus::NoSpace(noted.error().what)
                                                           : IOStatus::IOError(noted.error().what);
  }

  LogFiles& files_;
};

LogFiles::LogFiles(const std::shared_ptr<rocksdb::FileSystem>& files, std::filesystem::path directory, Report report)
    : FileSystemWrapper(files), directory_(std::move(directory)), report_(std::move(report)), salt_(new_salt()) {}

LogFiles::~LogFiles() = default;

Result<LogProof> LogFiles::prove(Damaged allowed) {
  proof_ = {};
  Result<LogProof> proof =
      prove_log(*target(), directory_, allowed == Damaged::any_part ? ProofOf::logs_and_chunks : ProofOf::logs, ends());
  if (!proof) return proof;
  if (allowed == Damaged::nothing && !proof->damages.empty()) return std::unexpected(damage_error(*proof, directory_));
  if (proof->salt) salt_ = *proof->salt;
  const std::lock_guard lock(mutex_);
  proof_ = *proof;
  return proof;
}

Status LogFiles::begin() {
  report_tail();
  if (Status kept = keep_logs(); !kept) return kept;
  {
    const std::lock_guard lock(mutex_);
    proof_ = {};
  }
  // The seals in the log say the same, so the store works without it.
  if (const Status written = write_synced_file(); !written) report_(written.error());
  return {};
}

/// A start that flushes what it read has removed them. Where there is no space for that they stay, each synced and
/// without the tail that was dropped, so that a gap in them is damage whatever comes after.
Status LogFiles::keep_logs() {
  for (const ProvenLog& log : proof_.logs) {
    const std::string path = directory_ / log.file;
    if (!target()->FileExists(path, {}, nullptr).ok()) continue;
    const std::uint64_t end = log.runs.empty() ? 0 : log.runs.back().end;
    std::unique_ptr<FSWritableFile> file;
    IOStatus status = target()->ReopenWritableFile(path, {}, &file, nullptr);
    if (status.ok() && end < log.size_bytes) status = file->Truncate(end, {}, nullptr);
    if (status.ok()) status = file->Sync({}, nullptr);
    if (status.ok()) status = file->Close({}, nullptr);
    if (!status.ok()) return std::unexpected(error_from(status, "cannot sync `" + path + "`"));
    const std::lock_guard lock(mutex_);
    tracked_[log.file] = std::make_shared<TrackedBytes>(
        TrackedBytes{.bytes = end, .synced_bytes = end, .promised_bytes = end, .is_named = true, .has_failed = false});
  }
  return {};
}

/// A manifest is no part of a commit.
std::uint64_t LogFiles::end_of(const std::string& name, const TrackedBytes& tracked) {
  return is_log(name) ? tracked.promised_bytes : tracked.proven_bytes();
}

FileEnds LogFiles::ends() {
  const std::lock_guard lock(mutex_);
  FileEnds ends;
  for (const auto& [name, tracked] : tracked_) ends[name] = end_of(name, *tracked);
  return ends;
}

Status LogFiles::cut_off_end(Written written) {
  FileEnds longer;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, tracked] : tracked_) {
      if (written == Written::no_log && !is_log(name)) continue;
      const std::uint64_t end = end_of(name, *tracked);
      if (tracked->has_failed || tracked->bytes > end) longer[name] = end;
    }
  }
  for (const auto& [name, size_bytes] : longer) {
    if (Status cut = cut_off(name, size_bytes); !cut) return cut;
  }
  return {};
}

Status LogFiles::cut_off(const std::string& name, std::uint64_t size_bytes) {
  const std::string path = directory_ / name;
  std::unique_ptr<FSWritableFile> file;
  IOStatus status = target()->ReopenWritableFile(path, {}, &file, nullptr);
  if (status.IsNotFound() || status.IsPathNotFound()) return {};
  if (status.ok()) status = file->Truncate(size_bytes, {}, nullptr);
  if (status.ok()) status = file->Sync({}, nullptr);
  if (status.ok()) status = file->Close({}, nullptr);
  if (!status.ok()) return std::unexpected(error_from(status, "cannot cut off the end of `" + path + "`"));
  const std::lock_guard lock(mutex_);
  const auto tracked = tracked_.find(name);
  if (tracked == tracked_.end()) return {};
  tracked->second->bytes = tracked->second->synced_bytes = size_bytes;
  tracked->second->has_failed = false;
  return {};
}

Status LogFiles::write_synced_file() {
  const std::lock_guard lock(synced_file_mutex_);
  synced_file_.reset();
  auto opened = SyncedFile::open(*target(), directory_, {.salt = salt_, .synced = promise_positions()});
  if (!opened) return std::unexpected(std::move(opened.error()));
  synced_file_ = std::move(*opened);
  return {};
}

/// From now on RocksDB adds to the manifest that CURRENT names. SYNCED speaks of it before, so that what a power cut
/// leaves of the first of these records is known not to have been synced.
Status LogFiles::note_current() {
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(current_has_changed_, false)) return {};
    manifest_ = newest_manifest();
  }
  return write_synced_file();
}

void LogFiles::report_tail() {
  if (!proof_.tail) return;
  const std::string file = directory_ / proof_.tail->file;
  report_({.code = core::ErrorCode::io_error,
           .what = "the last " + std::to_string(proof_.tail_bytes) + " bytes of the log, from byte " +
                   std::to_string(proof_.tail->begin) + " of `" + file +
                   "` on, were not written whole and are dropped; " +
                   (proof_.is_sealed ? "nothing that was acknowledged is in them"
                                     : "an older program wrote them, so whether they were acknowledged is not known")});
}

std::string LogFiles::newest_manifest() {
  std::string newest;
  for (const auto& row : tracked_) {
    const std::string& name = row.first;
    if (is_manifest(name) && (newest.empty() || number_in(name) > number_in(newest))) newest = name;
  }
  return newest;
}

SyncedPositions LogFiles::positions() {
  const std::lock_guard lock(mutex_);
  SyncedPositions positions = proof_.synced;  // until what was there has been read, and is dropped
  for (const auto& [name, tracked] : tracked_) {
    if (tracked->proven_bytes() == 0) continue;
    const std::uint64_t number = number_in(name);
    if (is_log(name)) positions.log_bytes[number] = tracked->synced_bytes;
    if (name != manifest_) continue;
    positions.manifest = number;
    positions.manifest_bytes = tracked->synced_bytes;
  }
  return positions;
}

SyncedPositions LogFiles::promise_positions() {
  SyncedPositions promised = positions();
  const std::lock_guard lock(mutex_);
  for (const auto& [name, tracked] : tracked_) {
    const auto bytes = is_log(name) ? promised.log_bytes.find(number_in(name)) : promised.log_bytes.end();
    if (bytes != promised.log_bytes.end()) tracked->promised_bytes = std::max(tracked->promised_bytes, bytes->second);
  }
  return promised;
}

void LogFiles::seal(rocksdb::WriteBatch& batch) { seal_batch(batch, salt_, positions()); }

void LogFiles::note_synced() {
  const std::lock_guard lock(synced_file_mutex_);
  const SyncedPositions synced = promise_positions();
  if (synced_file_ != nullptr) synced_file_->write({.salt = salt_, .synced = synced});
}

IOStatus LogFiles::NewSequentialFile(const std::string& path, const FileOptions& options,
                                     std::unique_ptr<FSSequentialFile>* file, IODebugContext* debug) {
  const IOStatus opened = FileSystemWrapper::NewSequentialFile(path, options, file, debug);
  if (!opened.ok()) return opened;
  const std::string name = file_name(path);
  const std::lock_guard lock(mutex_);
  if (name == proof_.manifest) *file = first_bytes(std::move(*file), proof_.manifest_bytes, proof_.without_missing);
  const auto log = std::ranges::find(proof_.logs, name, &ProvenLog::file);
  if (log != proof_.logs.end()) *file = proven_records(std::move(*file), *log);
  return opened;
}

IOStatus LogFiles::NewWritableFile(const std::string& path, const FileOptions& options,
                                   std::unique_ptr<FSWritableFile>* file, IODebugContext* debug) {
  const IOStatus made = FileSystemWrapper::NewWritableFile(path, options, file, debug);
  const std::string name = file_name(path);
  if (!made.ok() || !(is_log(name) || is_manifest(name))) return made;
  auto tracked = std::make_shared<TrackedBytes>();
  *file = tracked_file(std::move(*file), tracked, mutex_);
  const std::lock_guard lock(mutex_);
  tracked_[name] = std::move(tracked);
  return made;
}

IOStatus LogFiles::NewDirectory(const std::string& path, const IOOptions& options,
                                std::unique_ptr<FSDirectory>* directory, IODebugContext* debug) {
  const IOStatus opened = FileSystemWrapper::NewDirectory(path, options, directory, debug);
  const auto normal = [](const std::filesystem::path& each) { return (each / "").lexically_normal(); };
  if (opened.ok() && normal(path) == normal(directory_))
    *directory = std::make_unique<TrackedDirectory>(std::move(*directory), *this);
  return opened;
}

/// RocksDB syncs the directory after CURRENT has its new content, but the manifest that it names must be there before.
IOStatus LogFiles::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                              IODebugContext* debug) {
  if (file_name(to) == "CURRENT") {
    std::unique_ptr<FSDirectory> directory;
    IOStatus synced = NewDirectory(directory_, options, &directory, debug);
    if (synced.ok()) synced = directory->FsyncWithDirOptions(options, debug, {});
    if (!synced.ok()) return synced;
  }
  const IOStatus renamed = FileSystemWrapper::RenameFile(from, to, options, debug);
  const std::lock_guard lock(mutex_);
  if (renamed.ok() && file_name(to) == "CURRENT") current_has_changed_ = true;
  return renamed;
}

IOStatus LogFiles::DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* debug) {
  const IOStatus removed = FileSystemWrapper::DeleteFile(path, options, debug);
  const std::lock_guard lock(mutex_);
  if (!removed.ok()) return removed;
  tracked_.erase(file_name(path));
  return removed;
}

}  // namespace sconce::server::storage
