#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/error.h"

namespace sconce::proto {

/// Reads one object in a format that is not Torch's, incrementally, and emits its events. What it emits has the form of
/// core/event/event.h; that it makes sense (tensors within their storage, table keys that are no nil, limits) is for
/// who reads the bytes that are written of it.
///
/// Lifetime: bytes given to `put` only last for that call. Threads: one at a time.
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;

  /// Takes all of `bytes`; splitting the input anywhere yields the same events. Memory does not grow with the input.
  /// Errors: malformed, limit_exceeded, unrepresentable, and the sink's, each with the offset in the input, and the
  /// path inside the object where it is known. After an error the reader stays failed.
  virtual core::Status put(std::span<const std::byte> bytes) = 0;

  /// Nothing follows. Errors: also truncated.
  virtual core::Status finish() = 0;

  /// Bytes read so far.
  virtual std::uint64_t offset() const = 0;
};

}  // namespace sconce::proto
