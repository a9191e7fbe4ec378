#include "cli/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "cli/client/descriptor.h"

namespace sconce::cli {

core::Result<Input> Input::open(const std::string& name) {
  if (name == "-") return read_whole(STDIN_FILENO);
  const Descriptor file(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return std::unexpected(system_error(errno, "cannot open"));
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return std::unexpected(system_error(errno, "cannot stat"));
  if (!S_ISREG(info.st_mode)) return read_whole(file.get());
  auto mapped = core::MappedFile::open(name);
  if (!mapped) return std::unexpected(std::move(mapped.error()));
  Input input;
  input.mapped_ = std::move(*mapped);
  return input;
}

core::Result<Input> Input::read_whole(int fd) {
  Input input;
  std::array<char, 64 * 1024> buffer;
  for (;;) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(system_error(errno, "cannot read"));
    if (got == 0) return input;
    input.read_.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace sconce::cli
