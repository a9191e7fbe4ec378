#include "cli/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "cli/client/descriptor.h"
#include "core/files/file_source.h"

namespace sconce::cli {
namespace {

class FileInput final : public Input::Source {
 public:
  FileInput(Descriptor file, std::uint64_t size_bytes)
      : file_(std::move(file)), source_(file_.get(), size_bytes, "the file") {}

  std::uint64_t size_bytes() const override { return source_.size_bytes(); }
  core::Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) override {
    auto piece = source_.read(offset, size);
    has_failed_ = has_failed_ || !piece;
    return piece;
  }
  bool has_failed() const override { return has_failed_; }

 private:
  const Descriptor file_;
  core::FileSource source_;
  bool has_failed_ = false;
};

class HeldInput final : public Input::Source {
 public:
  explicit HeldInput(std::string held) : held_(std::move(held)) {}

  std::uint64_t size_bytes() const override { return held_.size(); }
  core::Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) override {
    return std::as_bytes(std::span(held_)).subspan(offset, size);
  }
  bool has_failed() const override { return false; }

 private:
  const std::string held_;
};

}  // namespace

core::Result<Input> Input::open(const std::string& name) {
  if (name == "-") return read_whole(STDIN_FILENO);
  Descriptor file(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return std::unexpected(system_error(errno, "cannot open"));
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return std::unexpected(system_error(errno, "cannot stat"));
  if (!S_ISREG(info.st_mode)) return read_whole(file.get());
  return Input(std::make_unique<FileInput>(std::move(file), static_cast<std::uint64_t>(info.st_size)));
}

core::Result<Input> Input::read_whole(int fd) {
  std::string held;
  std::array<char, 64 * 1024> buffer;
  for (;;) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(system_error(errno, "cannot read"));
    if (got == 0) return Input(std::make_unique<HeldInput>(std::move(held)));
    held.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace sconce::cli
