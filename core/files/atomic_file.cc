#include "core/files/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <random>
#include <string>
#include <utility>

#include "core/ascii.h"
#include "core/files/file_error.h"
#include "core/files/sync_directory.h"
#include "core/files/write_all.h"

namespace sconce::core {
namespace {

constexpr int kAttemptsMax = 100;

/// A name that no file has had.
std::string random_name(const std::filesystem::path& path) {
  std::random_device random;
  std::string name = path.string() + '.';
  for (int i = 0; i < 4; ++i) append_hex(name, static_cast<unsigned char>(random()));
  return name;
}

}  // namespace

Result<AtomicFile> AtomicFile::create(const std::filesystem::path& path) {
  std::string name;
  int fd = -1;
  // The kernel applies the umask, which nobody can read without changing it for all threads.
  for (int i = 0; i < kAttemptsMax && fd < 0; ++i) {
    name = random_name(path);
    fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 && errno != EEXIST) break;
  }
  if (fd < 0) return std::unexpected(file_error(errno, "cannot create a file beside", path));
  AtomicFile file(path, name, fd);
  struct stat replaced{};
  const bool has_mode = ::stat(path.c_str(), &replaced) == 0;
  if (has_mode && ::fchmod(fd, replaced.st_mode & 07777) != 0) {
    return std::unexpected(file_error(errno, "cannot set the mode of", file.temporary_));
  }
  return file;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)), temporary_(std::move(other.temporary_)), fd_(std::exchange(other.fd_, -1)) {}

AtomicFile::~AtomicFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(temporary_.c_str());
}

Status AtomicFile::write(std::span<const std::byte> bytes) { return write_all(fd_, bytes, temporary_); }

Status AtomicFile::commit() {
  if (::fsync(fd_) != 0) return std::unexpected(file_error(errno, "cannot sync", temporary_));
  if (::rename(temporary_.c_str(), path_.c_str()) != 0)
    return std::unexpected(file_error(errno, "cannot replace", path_));
  ::close(std::exchange(fd_, -1));
  const std::filesystem::path directory = path_.parent_path();
  return sync_directory(directory.empty() ? "." : directory);
}

}  // namespace sconce::core
