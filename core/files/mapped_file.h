#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "core/error.h"

namespace sconce::core {

/// A file's bytes as memory, read-only. A disk that fails, or truncating the file while it is mapped, makes reading it
/// a SIGBUS; replacing it by rename is safe. So it is only for `load`, whose objects stay in the file; whoever needs an
/// error instead reads the file into memory, or takes a FileSource. Lifetime: `bytes` last as long as this. Threads:
/// reading is safe from many.
class MappedFile {
 public:
  /// Errors: not_found, io_error.
  static Result<std::shared_ptr<const MappedFile>> open(const std::filesystem::path& path);

  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> bytes_;
};

}  // namespace sconce::core
