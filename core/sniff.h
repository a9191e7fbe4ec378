#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "core/error.h"
#include "core/event_reader.h"
#include "core/format.h"

namespace sconce::core {

/// Tells the format of a serialized object from its bytes: ascii, b64 or b32. `bytes` is the whole input, or its begin:
/// the longer, the surer. b32 and b64 are told apart by reading both ways, without keeping anything: the reading that
/// ends with the input is right, else b64 unless that is impossible: b32 with bytes behind it is more likely to be b64
/// cut off. Where both do the same, no long has occurred, and the answer is b64. Options are those that the reader will
/// be given. Errors: unknown_format, saying how each reading failed.
Result<Format> sniff(std::span<const std::byte> bytes, const ReadOptions& options = {});

/// The format of input that begins so, if it is the same whatever follows, because no other reading is possible;
/// nothing if more has to be seen.
std::optional<Format> sniff_begin(std::span<const std::byte> begin, const ReadOptions& options = {});

}  // namespace sconce::core
