#include "core/files/write_all.h"

#include <unistd.h>

#include <cerrno>

#include "core/files/file_error.h"

namespace sconce::core {

Status write_all(int fd, std::span<const std::byte> bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return std::unexpected(file_error(errno, "cannot write", path));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace sconce::core
