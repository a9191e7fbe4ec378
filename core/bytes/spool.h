#pragma once

#include "core/bytes/byte_sink.h"
#include "core/bytes/byte_source.h"

namespace sconce::core {

/// Keeps bytes that can only be read once all of them are there. Threads: one at a time. Errors of `write`: io_error,
/// no_space, limit_exceeded.
class Spool : public ByteSink {
 public:
  /// All that was written; valid until this goes. Call it after the last `write`. Errors of its `read`: io_error.
  virtual ByteSource& source() = 0;
};

}  // namespace sconce::core
