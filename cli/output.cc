#include "cli/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/files/saved_file.h"

namespace sconce::cli {
namespace {

class FileOutput final : public Output {
 public:
  explicit FileOutput(core::SavedFile file) : file_(std::move(file)) {}
  core::ByteSink& sink() override { return file_; }
  core::Status commit() override { return file_.commit(); }

 private:
  core::SavedFile file_;
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

}  // namespace

core::Result<std::unique_ptr<Output>> Output::open(const std::string& name) {
  if (name == "-") return open_stream(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
  auto file = core::SavedFile::open(name);
  if (!file) return std::unexpected(std::move(file.error()));
  return std::make_unique<FileOutput>(std::move(*file));
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
