#include "core/files/spool_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "core/files/file_error.h"
#include "core/files/file_source.h"

namespace sconce::core {
namespace {

/// A directory that is missing is not an object that is.
std::unexpected<Error> failed(const std::string& doing, const std::filesystem::path& directory) {
  Error error = file_error(errno, doing, directory);
  if (error.code == ErrorCode::not_found) error.code = ErrorCode::io_error;
  return std::unexpected(std::move(error));
}

class SpoolFile final : public Spool {
 public:
  SpoolFile(std::filesystem::path directory, int fd, std::uint64_t bytes_max)
      : directory_(std::move(directory)), fd_(fd), bytes_max_(bytes_max) {}
  ~SpoolFile() override { ::close(fd_); }
  SpoolFile(const SpoolFile&) = delete;
  SpoolFile& operator=(const SpoolFile&) = delete;

  Status write(std::span<const std::byte> bytes) override {
    if (bytes.size() > bytes_max_ - size_bytes_) {
      return fail(ErrorCode::limit_exceeded,
                  "the object is larger than the " + std::to_string(bytes_max_) + " bytes that it may have");
    }
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return failed("cannot write a temporary file in", directory_);
      bytes = bytes.subspan(static_cast<std::size_t>(written));
      size_bytes_ += static_cast<std::uint64_t>(written);
    }
    return {};
  }

  ByteSource& source() override {
    if (!source_) source_.emplace(fd_, size_bytes_, "a temporary file in " + directory_.string());
    return *source_;
  }

 private:
  const std::filesystem::path directory_;
  const int fd_;
  const std::uint64_t bytes_max_;
  std::uint64_t size_bytes_ = 0;
  std::optional<FileSource> source_;  // made when all has been written
};

}  // namespace

Result<std::unique_ptr<Spool>> make_spool_file(const std::filesystem::path& directory, std::uint64_t bytes_max) {
  // Not O_TMPFILE, which not every file system knows.
  std::string name = directory / "spool-XXXXXX";
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) return failed("cannot make a temporary file in", directory);
  ::unlink(name.c_str());
  return std::make_unique<SpoolFile>(directory, fd, bytes_max);
}

}  // namespace sconce::core
