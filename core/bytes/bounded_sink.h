#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/bytes/byte_sink.h"

namespace sconce::core {

/// Passes on no more bytes than it may. Lifetime: `out` and `what`, which begins the error's sentence, are borrowed.
/// Threads: one at a time. Errors: limit_exceeded, and those of `out`.
class BoundedSink final : public ByteSink {
 public:
  BoundedSink(ByteSink& out, std::uint64_t bytes_max, std::string_view what)
      : out_(out), bytes_max_(bytes_max), left_(bytes_max), what_(what) {}

  Status write(std::span<const std::byte> bytes) override {
    if (bytes.size() > left_) {
      return fail(ErrorCode::limit_exceeded, std::string(what_) + std::to_string(bytes_max_) + " bytes");
    }
    left_ -= bytes.size();
    return out_.write(bytes);
  }

 private:
  ByteSink& out_;
  const std::uint64_t bytes_max_;
  std::uint64_t left_;
  const std::string_view what_;
};

}  // namespace sconce::core
