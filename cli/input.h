#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/bytes/byte_source.h"
#include "core/error.h"

namespace sconce::cli {

/// The bytes of a file: read a piece at a time if it is a regular one, held in memory if it is a pipe or a device.
/// Threads: one at a time.
class Input {
 public:
  /// `-` is stdin. Errors: not_found, io_error.
  static core::Result<Input> open(const std::string& name);

  /// Lifetime: as long as this, wherever it is moved. Errors of its `read`: io_error.
  core::ByteSource& source() const { return *source_; }
  std::uint64_t size_bytes() const { return source_->size_bytes(); }

  /// Whether a `read` has failed, which tells such an error from one of the output.
  bool has_failed() const { return source_->has_failed(); }

  /// A source that says the same of itself.
  class Source : public core::ByteSource {
   public:
    virtual bool has_failed() const = 0;
  };

 private:
  explicit Input(std::unique_ptr<Source> source) : source_(std::move(source)) {}
  static core::Result<Input> read_whole(int fd);

  std::unique_ptr<Source> source_;
};

}  // namespace sconce::cli
