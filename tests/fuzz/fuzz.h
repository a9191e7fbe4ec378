#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/bytes/byte_sink.h"
#include "core/error.h"
#include "core/limits.h"

// What a fuzz target gets: what it is to do, and the input of the parser that it tries.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace sconce::tests {

/// Aborts, saying what does not hold, so that the fuzzer keeps the input.
void require(bool holds, std::string_view what);
/// The same; what is in the error that should not be.
void require(const core::Status& status, std::string_view what);

/// The input of a target: choices from its front, and the rest. At the end all choices are 0.
/// Lifetime: the bytes are borrowed.
class FuzzInput {
 public:
  FuzzInput(const std::uint8_t* data, std::size_t size) : bytes_(reinterpret_cast<const char*>(data), size) {}

  std::uint8_t byte() { return static_cast<std::uint8_t>(take(1)); }
  std::uint16_t number() { return static_cast<std::uint16_t>(take(2)); }
  /// The next bytes, or as many as there are.
  std::string_view text(std::size_t size);
  std::string_view rest() const { return bytes_; }

 private:
  std::uint32_t take(std::size_t size);

  std::string_view bytes_;
};

std::span<const std::byte> bytes_of(std::string_view text);

/// Limits under which no input takes long.
core::ReadLimits modest_limits();

/// Keeps what is written; more than `bytes_max` are limit_exceeded.
class BoundedSink final : public core::ByteSink {
 public:
  explicit BoundedSink(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  core::Status write(std::span<const std::byte> bytes) override;
  const std::string& bytes() const { return bytes_; }

 private:
  const std::size_t bytes_max_;
  std::string bytes_;
};

}  // namespace sconce::tests
