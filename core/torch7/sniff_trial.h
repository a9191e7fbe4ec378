#pragma once

#include <cstddef>
#include <cstdint>

#include "core/bytes/byte_source.h"
#include "core/error.h"
#include "core/torch7/event_reader.h"
#include "core/torch7/format.h"

namespace sconce::core {

/// How input reads in one of the formats, from its beginning. Threads: as a value.
struct SniffTrial {
  enum class End : std::uint8_t {
    whole,       ///< The object ends where the input does.
    behind,      ///< The object ends, and bytes are behind it.
    cut,         ///< The input ends inside the object.
    limited,     ///< A limit of the reader was exceeded.
    impossible,  ///< No input that begins so is an object.
    unread,      ///< The source failed.
  };
  End end = End::impossible;
  /// Longs have been read: what b32 and b64 have in different sizes. Where none has, both read the same.
  bool has_longs = false;
  /// Something has been read that Torch hardly writes, but that comes of reading b64 as b32 or the other way round: a
  /// size of 0 (the upper half of a long), a long that has two of them in it, a negative stride, an offset below 1. Or,
  /// in any format, a boolean that is neither 0 nor 1.
  bool is_odd = false;
  bool has_elements = false;  ///< Of a storage.
  /// Of `behind`: the bytes are more objects, to the end.
  bool rest_is_objects = false;
  Error error = {};  ///< Of `limited`, `impossible` and `unread`.
};

/// Of what is tried: all of the input, or its begin.
enum class SniffInput : std::uint8_t { whole, begin };

/// Reads what is in `source` as `format`, and keeps nothing. Of the options, `trailing` and `input_bytes` mean nothing
/// here.
SniffTrial try_format(ByteSource& source, Format format, const ReadOptions& options, SniffInput input);

}  // namespace sconce::core
