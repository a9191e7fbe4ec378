#include "core/files/saved_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "core/files/file_error.h"
#include "core/files/write_all.h"

namespace sconce::core {
namespace {

namespace fs = std::filesystem;

// As Linux does.
constexpr int kLinksMax = 40;

/// What a symbolic link names, whether or not that exists.
Result<fs::path> target_of(fs::path path) {
  for (int links = 0; links <= kLinksMax; ++links) {
    std::error_code failed;
    if (!fs::is_symlink(fs::symlink_status(path, failed))) return path;
    const fs::path target = fs::read_symlink(path, failed);
    if (failed) return std::unexpected(file_error(failed.value(), "cannot read the link", path));
    path = path.parent_path() / target;
  }
  return std::unexpected(file_error(ELOOP, "cannot follow the link", path));
}

}  // namespace

Result<SavedFile> SavedFile::open(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) return std::unexpected(file_error(errno, "cannot open", path));
    return SavedFile(Stream(path, fd));
  }
  const Result<fs::path> target = target_of(path);
  if (!target) return std::unexpected(target.error());
  Result<AtomicFile> file = AtomicFile::create(*target);
  if (!file) return std::unexpected(std::move(file.error()));
  return SavedFile(std::move(*file));
}

Status SavedFile::write(std::span<const std::byte> bytes) {
  return std::visit([&](ByteSink& place) { return place.write(bytes); }, place_);
}

Status SavedFile::commit() {
  AtomicFile* const file = std::get_if<AtomicFile>(&place_);
  return file == nullptr ? Status() : file->commit();
}

SavedFile::Stream::Stream(Stream&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

SavedFile::Stream::~Stream() {
  if (fd_ >= 0) ::close(fd_);
}

Status SavedFile::Stream::write(std::span<const std::byte> bytes) { return write_all(fd_, bytes, path_); }

}  // namespace sconce::core
