#include "core/files/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

#include "core/files/file_error.h"
#include "core/files/sync_directory.h"

namespace sconce::core {
namespace {

/// The mode of the file that will be replaced, or what the umask leaves of 0666 for a new one.
mode_t mode_for(const std::filesystem::path& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) == 0) return info.st_mode & 07777;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

}  // namespace

Result<AtomicFile> AtomicFile::create(const std::filesystem::path& path) {
  std::string name = path.string() + ".XXXXXX";
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) return std::unexpected(file_error(errno, "cannot create a file beside", path));
  AtomicFile file(path, name, fd);
  if (::fchmod(fd, mode_for(path)) != 0)
    return std::unexpected(file_error(errno, "cannot set the mode of", file.temporary_));
  return file;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)), temporary_(std::move(other.temporary_)), fd_(std::exchange(other.fd_, -1)) {}

AtomicFile::~AtomicFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(temporary_.c_str());
}

Status AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return std::unexpected(file_error(errno, "cannot write", temporary_));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Status AtomicFile::commit() {
  if (::fsync(fd_) != 0) return std::unexpected(file_error(errno, "cannot sync", temporary_));
  if (::rename(temporary_.c_str(), path_.c_str()) != 0)
    return std::unexpected(file_error(errno, "cannot replace", path_));
  ::close(std::exchange(fd_, -1));
  const std::filesystem::path directory = path_.parent_path();
  return sync_directory(directory.empty() ? "." : directory);
}

}  // namespace sconce::core
