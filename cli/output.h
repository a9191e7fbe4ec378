#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "cli/client/descriptor.h"
#include "core/bytes/byte_sink.h"
#include "core/error.h"

namespace sconce::cli {

/// Where a command writes bytes to. A file appears whole or not at all, and keeps what a symbolic link points at;
/// stdout, pipes and devices are written as the bytes come. Threads: one at a time. Errors of `sink` and `commit`:
/// io_error, no_space.
class Output {
 public:
  virtual ~Output() = default;

  /// `-` is stdout. Errors: not_found, io_error, no_space.
  static core::Result<std::unique_ptr<Output>> open(const std::string& name);

  virtual core::ByteSink& sink() = 0;

  /// Makes what was written last. Gone without it, a file is as it was before.
  virtual core::Status commit() = 0;
};

/// Writes to a descriptor. Lifetime: the descriptor is borrowed. Threads: one at a time. Errors: io_error.
class DescriptorSink final : public core::ByteSink {
 public:
  explicit DescriptorSink(int fd) : fd_(fd) {}
  core::Status write(std::span<const std::byte> bytes) override;

 private:
  int fd_;
};

}  // namespace sconce::cli
