#include "core/files/file_source.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace sconce::core {
namespace {

// What is near the bytes that were asked for is likely to be asked for next.
constexpr std::size_t kPieceBytesMin = std::size_t{16} << 10;

}  // namespace

Result<std::span<const std::byte>> FileSource::read(std::uint64_t offset, std::size_t size) {
  if (size == 0) return std::span<const std::byte>();
  const bool is_held = offset >= held_offset_ && offset - held_offset_ < held_bytes_;
  if (!is_held) {
    if (Status filled = fill(offset, size); !filled) return std::unexpected(std::move(filled.error()));
  }
  const std::span<const std::byte> held(buffer_.get(), held_bytes_);
  const auto from = held.subspan(offset - held_offset_);
  return from.first(std::min(from.size(), size));
}

Status FileSource::fill(std::uint64_t offset, std::size_t size) {
  if (buffer_ == nullptr) buffer_ = std::make_unique_for_overwrite<std::byte[]>(kPieceBytesMax);
  held_bytes_ = 0;
  const std::size_t wanted = std::clamp(size, kPieceBytesMin, kPieceBytesMax);
  const std::size_t piece_bytes = std::min<std::uint64_t>(wanted, size_bytes_ - offset);
  ssize_t got = -1;
  do {
    got = ::pread(fd_, buffer_.get(), piece_bytes, static_cast<off_t>(offset));
  } while (got < 0 && errno == EINTR);
  if (got > 0) {
    held_offset_ = offset;
    held_bytes_ = static_cast<std::size_t>(got);
    return {};
  }
  const std::string why = got < 0 ? std::generic_category().message(errno)
                                  : "it ends before that, and had " + std::to_string(size_bytes_) + " bytes";
  return fail(ErrorCode::io_error, "cannot read byte " + std::to_string(offset) + " of " + file_ + ": " + why);
}

}  // namespace sconce::core
