#pragma once

#include <cstddef>
#include <span>

#include "core/bytes/byte_sink.h"

namespace sconce::core {

/// Keeps bytes that can only be read once all of them are there. Threads: one at a time. Errors of `write`: io_error,
/// no_space, limit_exceeded.
class Spool : public ByteSink {
 public:
  /// All that was written; valid until this goes. Call it after the last `write`. Errors: io_error.
  virtual Result<std::span<const std::byte>> bytes() = 0;
};

}  // namespace sconce::core
