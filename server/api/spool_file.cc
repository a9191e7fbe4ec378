#include "server/api/spool_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace sconce::server::api {

namespace {

using core::Result;
using core::Status;

std::unexpected<core::Error> failed(std::string_view doing) {
  const core::ErrorCode code =
      errno == ENOSPC || errno == EDQUOT ? core::ErrorCode::no_space : core::ErrorCode::io_error;
  return core::fail(code, std::string(doing) + ": " + std::strerror(errno));
}

class SpoolFile final : public proto::Spool {
 public:
  SpoolFile(int descriptor, std::uint64_t bytes_max) : descriptor_(descriptor), bytes_max_(bytes_max) {}
  ~SpoolFile() override {
    if (mapped_ != nullptr) munmap(mapped_, size_bytes_);
    close(descriptor_);
  }
  SpoolFile(const SpoolFile&) = delete;
  SpoolFile& operator=(const SpoolFile&) = delete;

  Status write(std::span<const std::byte> bytes) override {
    if (bytes.size() > bytes_max_ - size_bytes_) {
      return core::fail(core::ErrorCode::limit_exceeded,
                        "the body is larger than the " + std::to_string(bytes_max_) + " bytes that an object may have");
    }
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return failed("cannot write to a spool file");
      bytes = bytes.subspan(static_cast<std::size_t>(written));
      size_bytes_ += static_cast<std::uint64_t>(written);
    }
    return {};
  }

  Result<std::span<const std::byte>> bytes() override {
    if (size_bytes_ == 0) return std::span<const std::byte>();
    if (mapped_ == nullptr) {
      void* const mapped = mmap(nullptr, size_bytes_, PROT_READ, MAP_PRIVATE, descriptor_, 0);
      if (mapped == MAP_FAILED) return failed("cannot map a spool file");
      mapped_ = mapped;
    }
    return std::span(static_cast<const std::byte*>(mapped_), size_bytes_);
  }

 private:
  const int descriptor_;
  const std::uint64_t bytes_max_;
  std::uint64_t size_bytes_ = 0;
  void* mapped_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<proto::Spool>> make_spool_file(const std::filesystem::path& directory, std::uint64_t bytes_max) {
  // Not O_TMPFILE, which not every file system knows.
  std::string name = directory / "spool-XXXXXX";
  const int descriptor = mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) return failed("cannot make a spool file");
  unlink(name.c_str());
  return std::make_unique<SpoolFile>(descriptor, bytes_max);
}

}  // namespace sconce::server::api
