#include "cli/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/files/atomic_file.h"

namespace sconce::cli {
namespace {

class FileOutput final : public Output {
 public:
  explicit FileOutput(core::AtomicFile file) : file_(std::move(file)) {}
  core::ByteSink& sink() override { return file_; }
  core::Status commit() override { return file_.commit(); }

 private:
  core::AtomicFile file_;
};

class StreamOutput final : public Output {
 public:
  explicit StreamOutput(Descriptor owned) : owned_(std::move(owned)), sink_(owned_.get()) {}
  core::ByteSink& sink() override { return sink_; }
  core::Status commit() override { return {}; }

 private:
  Descriptor owned_;
  DescriptorSink sink_;
};

core::Result<std::unique_ptr<Output>> open_stream(int fd) {
  Descriptor owned(fd);
  if (!owned.is_open()) return std::unexpected(system_error(errno, "cannot open"));
  return std::make_unique<StreamOutput>(std::move(owned));
}

core::Result<std::unique_ptr<Output>> open_file(const std::filesystem::path& path) {
  auto file = core::AtomicFile::create(path);
  if (!file) return std::unexpected(std::move(file.error()));
  return std::make_unique<FileOutput>(std::move(*file));
}

}  // namespace

core::Result<std::unique_ptr<Output>> Output::open(const std::string& name) {
  if (name == "-") return open_stream(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(name, ignored);
  if (!std::filesystem::exists(status)) return open_file(name);
  if (!std::filesystem::is_regular_file(status)) return open_stream(::open(name.c_str(), O_WRONLY | O_CLOEXEC));
  std::error_code failed;
  const std::filesystem::path target = std::filesystem::canonical(name, failed);
  if (failed) return std::unexpected(system_error(failed.value(), "cannot resolve"));
  return open_file(target);
}

core::Status DescriptorSink::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return std::unexpected(system_error(errno, "cannot write"));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace sconce::cli
