#include "core/files/sync_directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "core/files/file_error.h"

namespace sconce::core {

Status sync_directory(const std::filesystem::path& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return std::unexpected(file_error(errno, "cannot open", directory));
  const bool synced = ::fsync(fd) == 0;
  const int why = errno;
  ::close(fd);
  if (!synced) return std::unexpected(file_error(why, "cannot sync", directory));
  return {};
}

}  // namespace sconce::core
