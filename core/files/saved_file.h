#pragma once

#include <filesystem>
#include <span>
#include <variant>

#include "core/bytes/byte_sink.h"
#include "core/error.h"
#include "core/files/atomic_file.h"

namespace sconce::core {

/// Where an object is saved. A file, also one that a symbolic link names, appears whole or not at all; a device or a
/// pipe is written as the bytes come, and stays what it is.
///
/// Threads: one at a time. Errors, all functions: not_found (the directory), io_error, no_space.
class SavedFile final : public ByteSink {
 public:
  static Result<SavedFile> open(const std::filesystem::path& path);

  Status write(std::span<const std::byte> bytes) override;
  /// Makes a file what was written. Gone without it, the file is as it was before.
  Status commit();

 private:
  /// An open device or pipe.
  class Stream final : public ByteSink {
   public:
    Stream(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}
    Stream(Stream&& other) noexcept;
    Stream& operator=(Stream&&) = delete;
    ~Stream() override;
    Status write(std::span<const std::byte> bytes) override;

   private:
    std::filesystem::path path_;
    int fd_;
  };

  explicit SavedFile(AtomicFile file) : place_(std::move(file)) {}
  explicit SavedFile(Stream stream) : place_(std::move(stream)) {}

  std::variant<AtomicFile, Stream> place_;
};

}  // namespace sconce::core
