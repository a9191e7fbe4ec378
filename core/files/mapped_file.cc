#include "core/files/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>

#include "core/files/descriptor.h"
#include "core/files/file_error.h"

namespace sconce::core {

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return std::unexpected(file_error(errno, "cannot open", path));
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return std::unexpected(file_error(errno, "cannot stat", path));
  if (!S_ISREG(info.st_mode))
    return std::unexpected(file_error(S_ISDIR(info.st_mode) ? EISDIR : EINVAL, "cannot map", path));
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) return std::shared_ptr<const MappedFile>(new MappedFile({}));
  void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (mapped == MAP_FAILED) return std::unexpected(file_error(errno, "cannot map", path));
  return std::shared_ptr<const MappedFile>(new MappedFile({static_cast<const std::byte*>(mapped), size}));
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace sconce::core
