#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/bytes/byte_source.h"

namespace sconce::proto {

/// Records of a zip at any place, put together where the source hands them out in pieces.
///
/// Lifetime: the source is borrowed, and nobody else reads from it meanwhile; a view lasts until the next call.
/// Threads: one at a time. Errors: the source's.
class ZipBytes {
 public:
  /// What is read at once, so that the records of a directory are not read one by one. Records have less.
  static constexpr std::size_t kPieceBytes = std::size_t{256} << 10;

  explicit ZipBytes(core::ByteSource& source) : source_(source) {}

  std::uint64_t size() const { return source_.size_bytes(); }

  /// The bytes [offset, offset + size), which must lie in the zip.
  core::Result<std::string_view> at(std::uint64_t offset, std::size_t size) {
    if (!holds(offset, size)) {
      if (core::Status read = read_piece(offset); !read) return std::unexpected(std::move(read.error()));
      if (!holds(offset, size)) return put_together(offset, size);
    }
    return piece_.substr(offset - begin_, size);
  }

 private:
  bool holds(std::uint64_t offset, std::size_t size) const {
    return offset >= begin_ && offset - begin_ <= piece_.size() && size <= piece_.size() - (offset - begin_);
  }

  core::Status read_piece(std::uint64_t offset) {
    piece_ = {};
    const auto piece = source_.read(offset, std::min<std::uint64_t>(kPieceBytes, size() - offset));
    if (!piece) return std::unexpected(piece.error());
    piece_ = {reinterpret_cast<const char*>(piece->data()), piece->size()};
    begin_ = offset;
    return {};
  }

  core::Result<std::string_view> put_together(std::uint64_t offset, std::size_t size) {
    whole_ = piece_;
    while (whole_.size() < size) {
      if (core::Status read = read_piece(offset + whole_.size()); !read)
        return std::unexpected(std::move(read.error()));
      whole_ += piece_;
    }
    return std::string_view(whole_).substr(0, size);
  }

  core::ByteSource& source_;
  std::uint64_t begin_ = 0;
  std::string_view piece_;  // of the source, from `begin_` on
  std::string whole_;
};

}  // namespace sconce::proto
