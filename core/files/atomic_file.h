#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "core/bytes/byte_sink.h"
#include "core/error.h"

namespace sconce::core {

/// A file that appears whole or not at all: bytes go to a temporary file beside `path`, and `commit` syncs it, renames
/// it over `path` and syncs the directory. Destroyed uncommitted, it leaves nothing. It has the mode of the file that
/// it replaces, or that of a new file.
///
/// Threads: one at a time. Errors of `write` and `commit`: io_error, no_space; then the old file is still there.
///
///   auto file = AtomicFile::create(path);      // then write to *file, then file->commit()
class AtomicFile final : public ByteSink {
 public:
  /// Errors: not_found (the directory), io_error, no_space.
  static Result<AtomicFile> create(const std::filesystem::path& path);

  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile() override;

  Status write(std::span<const std::byte> bytes) override;
  Status commit();

 private:
  AtomicFile(std::filesystem::path path, std::filesystem::path temporary, int fd)
      : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int fd_;
};

}  // namespace sconce::core
