#include "server/storage/rocksdb/files/ballast.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <utility>
#include <vector>

#include "core/files/file_error.h"

namespace sconce::server::storage {

namespace {

constexpr std::uint64_t kBlockBytes = 512;  // of st_blocks
constexpr std::size_t kPieceBytes = 1 << 20;

class OpenFile {
 public:
  OpenFile(const std::filesystem::path& file, int flags)
      : fd_(::open(file.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR)) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

/// Of the disk; a file may be longer than what it takes.
std::uint64_t taken_bytes(int fd) {
  struct stat about{};
  if (::fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) return 0;
  return static_cast<std::uint64_t>(about.st_blocks) * kBlockBytes;
}

/// For file systems that cannot set space aside. Random, so that one that compresses takes the space too. Returns
/// errno, 0 where nothing failed.
int fill(int fd, std::uint64_t bytes) {
  std::mt19937_64 random(bytes);
  std::vector<std::uint64_t> piece(kPieceBytes / sizeof(std::uint64_t));
  std::ranges::generate(piece, std::ref(random));
  for (std::uint64_t at = 0; at < bytes;) {
    const ssize_t written =
        ::pwrite(fd, piece.data(), std::min<std::uint64_t>(kPieceBytes, bytes - at), static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    at += static_cast<std::uint64_t>(written);
  }
  return ::fdatasync(fd) == 0 ? 0 : errno;
}

/// Returns errno, 0 where nothing failed.
int set_aside(int fd, std::uint64_t bytes) {
  if (::fallocate(fd, 0, 0, static_cast<off_t>(bytes)) == 0) return 0;
  if (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL) return errno;
  return fill(fd, bytes);
}

}  // namespace

Ballast::Ballast(std::filesystem::path file, std::uint64_t bytes_wanted)
    : file_(std::move(file)), bytes_wanted_(bytes_wanted) {
  const OpenFile there(file_, O_RDONLY);
  if (there.fd() >= 0) bytes_ = std::min(taken_bytes(there.fd()), bytes_wanted_);
}

core::Status Ballast::take() {
  if (missing_bytes() == 0) return {};
  const OpenFile file(file_, O_WRONLY | O_CREAT);
  if (file.fd() < 0) return std::unexpected(core::file_error(errno, "cannot open", file_));
  const int failed = set_aside(file.fd(), bytes_wanted_);
  if (failed == 0) {
    bytes_ = bytes_wanted_;
    return {};
  }
  bytes_ = ::ftruncate(file.fd(), 0) == 0 ? 0 : std::min(taken_bytes(file.fd()), bytes_wanted_);
  return std::unexpected(core::file_error(failed, "cannot set space aside in", file_));
}

bool Ballast::give_up() {
  const OpenFile file(file_, O_WRONLY);
  if (file.fd() < 0 || taken_bytes(file.fd()) == 0) return false;
  // Emptied and not removed: a file system that copies on write may not have the space to change a directory.
  if (::ftruncate(file.fd(), 0) != 0) return false;
  bytes_ = 0;
  return true;
}

}  // namespace sconce::server::storage
