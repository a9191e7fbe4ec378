#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/bytes/byte_source.h"

namespace sconce::core {

/// The first bytes of an open file, as many as it has when this is made, read a piece at a time into a buffer of
/// kPieceBytesMax: a disk that fails, or a file that is cut off meanwhile, is an error, where a mapped file is a
/// signal.
///
/// Lifetime: `fd` is borrowed; `file` is what errors call it. Threads: one at a time; the place of `fd` stays as it is.
/// Errors of `read`: io_error, with the byte at which it failed, and why.
class FileSource final : public ByteSource {
 public:
  static constexpr std::size_t kPieceBytesMax = std::size_t{256} << 10;

  FileSource(int fd, std::uint64_t size_bytes, std::string file)
      : fd_(fd), size_bytes_(size_bytes), file_(std::move(file)) {}

  std::uint64_t size_bytes() const override { return size_bytes_; }
  Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) override;
  std::uint64_t held_bytes() const override { return buffer_ == nullptr ? 0 : kPieceBytesMax; }

 private:
  Status fill(std::uint64_t offset, std::size_t size);

  const int fd_;
  const std::uint64_t size_bytes_;
  const std::string file_;
  std::unique_ptr<std::byte[]> buffer_;  // made for the first piece
  std::uint64_t held_offset_ = 0;        // of the piece in it
  std::size_t held_bytes_ = 0;
};

}  // namespace sconce::core
