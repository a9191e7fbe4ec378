#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "core/error.h"

namespace sconce::core {

/// Takes the bytes of one output, in order. Threads: one at a time. Errors: each sink names its own.
class ByteSink {
 public:
  virtual ~ByteSink() = default;

  /// Lifetime: `bytes` lasts only for the call. After an error nothing more may be written.
  virtual Status write(std::span<const std::byte> bytes) = 0;
};

/// Appends to a string that it borrows.
class StringSink final : public ByteSink {
 public:
  explicit StringSink(std::string& out) : out_(out) {}
  Status write(std::span<const std::byte> bytes) override {
    out_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }

 private:
  std::string& out_;
};

/// Counts, and keeps nothing.
class CountingSink final : public ByteSink {
 public:
  Status write(std::span<const std::byte> bytes) override {
    size_bytes_ += bytes.size();
    return {};
  }
  std::uint64_t size_bytes() const { return size_bytes_; }

 private:
  std::uint64_t size_bytes_ = 0;
};

}  // namespace sconce::core
