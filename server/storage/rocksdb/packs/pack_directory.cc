#include "server/storage/rocksdb/packs/pack_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>

#include "core/ascii.h"
#include "server/storage/rocksdb/files/record_bytes.h"
#include "server/storage/rocksdb/files/status.h"
#include "server/storage/xxhash.h"

namespace sconce::server::storage {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".pack";
constexpr std::string_view kMagic("SCNPACK\0", 8);
constexpr std::uint32_t kVersion = 1;

std::string head_of(const Revision& pack) {
  RecordWriter head;
  head.bytes(kMagic);
  head.integer(kVersion);
  head.bytes(pack.bytes);
  std::string bytes = head.take();
  RecordWriter checksum;
  checksum.integer(XXH3_64bits(bytes.data(), bytes.size()));
  bytes += checksum.take();
  bytes.resize(kPackHeadBytes);
  return bytes;
}

Status failed(const rocksdb::Status& status, std::string_view doing) {
  if (status.ok()) return {};
  return std::unexpected(error_from(status, doing));
}

/// No hole was made, which is right where there is no file, or the volume has no holes.
Status not_punched(const std::string& path, int error) {
  if (error == ENOENT || error == EOPNOTSUPP || error == ENOSYS) return {};
  const bool is_shortage = error == EMFILE || error == ENFILE;
  return core::fail(is_shortage ? core::ErrorCode::unavailable : core::ErrorCode::io_error,
                    "cannot give space back in `" + path + "`: " + std::generic_category().message(error));
}

unsigned value_of_digit(char digit) { return core::is_digit(digit) ? digit - '0' : digit - 'a' + 10; }

}  // namespace

std::optional<Revision> pack_of_name(std::string_view name) {
  Revision pack;
  if (name.size() != 2 * pack.bytes.size() + kEnding.size() || !name.ends_with(kEnding)) return std::nullopt;
  if (!std::ranges::all_of(name.substr(0, 2 * pack.bytes.size()), core::is_lower_hex_digit)) return std::nullopt;
  for (std::size_t i = 0; i < pack.bytes.size(); ++i) {
    pack.bytes[i] = static_cast<std::uint8_t>(16 * value_of_digit(name[2 * i]) + value_of_digit(name[2 * i + 1]));
  }
  return pack;
}

std::string PackDirectory::path_of(const Revision& pack) const {
  std::string name;
  for (const std::uint8_t byte : pack.bytes) core::append_hex(name, byte);
  return (directory_ / name.append(kEnding)).string();
}

/// Made with the first pack, so that a store without large objects has none, and can be opened where nothing can be
/// made. Its name is synced once by each process: the one that made it may have been killed before.
Status PackDirectory::make() {
  const std::lock_guard lock(making_);
  if (is_made_) return {};
  rocksdb::IOStatus status = files_->CreateDirIfMissing(directory_.string(), {}, nullptr);
  std::unique_ptr<rocksdb::FSDirectory> parent;
  if (status.ok()) status = files_->NewDirectory(directory_.parent_path().string(), {}, &parent, nullptr);
  if (status.ok()) status = parent->Fsync({}, nullptr);
  is_made_ = status.ok();
  return failed(status, "cannot create the directory of packs");
}

Result<std::unique_ptr<rocksdb::FSRandomRWFile>> PackDirectory::create(const Revision& pack) {
  constexpr std::string_view kDoing = "cannot create a pack";
  if (Status made = make(); !made) return std::unexpected(std::move(made.error()));
  const std::string path = path_of(pack);
  const Result<std::uint64_t> names = count_names(pack);
  if (!names) return std::unexpected(names.error());
  if (*names != 0) return core::fail(core::ErrorCode::io_error, "there is a pack `" + path + "` already");
  std::unique_ptr<rocksdb::FSWritableFile> made;
  rocksdb::IOStatus status = files_->NewWritableFile(path, {}, &made, nullptr);
  if (status.ok()) status = made->Append(head_of(pack), {}, nullptr);
  if (status.ok()) status = made->Close({}, nullptr);
  std::unique_ptr<rocksdb::FSRandomRWFile> file;
  if (status.ok()) status = files_->NewRandomRWFile(path, {}, &file, nullptr);
  std::unique_ptr<rocksdb::FSDirectory> directory;
  if (status.ok()) status = files_->NewDirectory(directory_.string(), {}, &directory, nullptr);
  if (status.ok()) status = directory->Fsync({}, nullptr);
  if (status.ok()) return file;
  (void)remove(pack);  // else the next start does
  return std::unexpected(error_from(status, kDoing));
}

Result<std::unique_ptr<rocksdb::FSRandomAccessFile>> PackDirectory::open(const Revision& pack) {
  std::unique_ptr<rocksdb::FSRandomAccessFile> file;
  const rocksdb::IOStatus status = files_->NewRandomAccessFile(path_of(pack), {}, &file, nullptr);
  if (status.IsPathNotFound()) return core::fail(core::ErrorCode::corrupt, "`" + path_of(pack) + "` is missing");
  if (!status.ok()) return std::unexpected(error_from(status, "cannot open a pack"));
  return file;
}

Status PackDirectory::truncate(const Revision& pack, std::uint64_t size_bytes) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  rocksdb::IOStatus status = files_->ReopenWritableFile(path_of(pack), {}, &file, nullptr);
  if (status.ok()) status = file->Truncate(size_bytes, {}, nullptr);
  if (status.ok()) status = file->Close({}, nullptr);
  return failed(status, "cannot shorten a pack");
}

Status PackDirectory::remove(const Revision& pack) {
  const rocksdb::IOStatus status = files_->DeleteFile(path_of(pack), {}, nullptr);
  return status.IsPathNotFound() || status.IsNotFound() ? Status() : failed(status, "cannot remove a pack");
}

Status PackDirectory::punch(const Revision& pack, std::uint64_t offset, std::uint64_t size_bytes) {
  const std::string path = path_of(pack);
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return not_punched(path, errno);
  int error = EINTR;
  while (error == EINTR) {
    const int done = ::fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                                 static_cast<off_t>(size_bytes));
    error = done == 0 ? 0 : errno;
  }
  ::close(file);
  return error == 0 ? Status() : not_punched(path, error);
}

Result<std::uint64_t> PackDirectory::count_names(const Revision& pack) {
  if (std::error_code failed; !fs::exists(path_of(pack), failed) && !failed) return 0;
  std::uint64_t names = 0;
  const rocksdb::IOStatus status = files_->NumFileLinks(path_of(pack), {}, &names, nullptr);
  if (!status.ok()) return std::unexpected(error_from(status, "cannot look at a pack"));
  return names;
}

Result<std::uint64_t> PackDirectory::size_of(const Revision& pack) {
  std::uint64_t size_bytes = 0;
  const rocksdb::IOStatus status = files_->GetFileSize(path_of(pack), {}, &size_bytes, nullptr);
  if (!status.ok()) return std::unexpected(error_from(status, "cannot look at a pack"));
  return size_bytes;
}

Result<PackSpace> PackDirectory::space_of(const Revision& pack) {
  constexpr std::uint64_t kBlockBytes = 512;  // whatever those of the volume are
  struct stat about{};
  if (::stat(path_of(pack).c_str(), &about) == 0) {
    // Copies of blocks, and blocks that are kept after the end, are no waste: another pack would have them too.
    const std::uint64_t allocated = static_cast<std::uint64_t>(about.st_blocks) * kBlockBytes;
    return PackSpace{.bytes = std::min(allocated, static_cast<std::uint64_t>(about.st_size)), .names = about.st_nlink};
  }
  if (errno == ENOENT) return PackSpace{};
  return core::fail(core::ErrorCode::io_error, "cannot look at a pack: " + std::generic_category().message(errno));
}

Result<std::vector<Revision>> PackDirectory::list() {
  std::vector<Revision> packs;
  if (std::error_code ignored; !fs::exists(directory_, ignored)) return packs;
  std::error_code failed;
  fs::directory_iterator file(directory_, failed);
  for (; !failed && file != fs::directory_iterator(); file.increment(failed)) {
    if (const auto pack = pack_of_name(file->path().filename().string())) packs.push_back(*pack);
  }
  if (failed) {
    return core::fail(core::ErrorCode::io_error, "cannot read `" + directory_.string() + "`: " + failed.message());
  }
  std::ranges::sort(packs);
  return packs;
}

}  // namespace sconce::server::storage
