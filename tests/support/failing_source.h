#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "core/bytes/byte_source.h"

namespace sconce::tests {

/// Bytes of another source, up to one that cannot be read. Lifetime: the other source is borrowed.
class FailingSource final : public core::ByteSource {
 public:
  FailingSource(core::ByteSource& source, std::uint64_t fails_at) : source_(source), fails_at_(fails_at) {}

  std::uint64_t size_bytes() const override { return source_.size_bytes(); }

  core::Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) override {
    if (size > 0 && offset == fails_at_) {
      return core::fail(core::ErrorCode::io_error, "byte " + std::to_string(fails_at_) + " cannot be read");
    }
    if (offset > fails_at_) return source_.read(offset, size);
    return source_.read(offset, std::min<std::uint64_t>(size, fails_at_ - offset));
  }

 private:
  core::ByteSource& source_;
  const std::uint64_t fails_at_;
};

}  // namespace sconce::tests
