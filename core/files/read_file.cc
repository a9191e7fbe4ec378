#include "core/files/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>

#include "core/bytes/read_begin.h"
#include "core/files/descriptor.h"
#include "core/files/file_error.h"
#include "core/files/file_source.h"

namespace sconce::core {

Result<std::string> read_file(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return std::unexpected(file_error(errno, "cannot open", path));
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return std::unexpected(file_error(errno, "cannot stat", path));
  if (!S_ISREG(info.st_mode)) {
    return std::unexpected(file_error(S_ISDIR(info.st_mode) ? EISDIR : EINVAL, "cannot read", path));
  }
  FileSource source(file.get(), static_cast<std::uint64_t>(info.st_size), path.string());
  return read_begin(source, SIZE_MAX);
}

}  // namespace sconce::core
