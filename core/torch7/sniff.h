#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "core/error.h"
#include "core/torch7/event_reader.h"
#include "core/torch7/format.h"
#include "core/torch7/sniff_trial.h"

namespace sconce::core {

/// Tells the format of a serialized object from its bytes: ascii, b64 or b32. For the beginning of a longer input, b64
/// may be a guess if nothing in it tells b64 from b32; then the reader will fail, rather than read another object.
/// Ascii is what begins as Torch writes it (sniff_ascii.h). b32 and b64 are told apart by reading both ways, without
/// keeping anything: what ends with the input is right, unless its longs are odd and the other reading's are not
/// (sniff_trial.h). Options are those that the reader will be given.
/// Threads: no state. Errors: unknown_format, for what is in none of them for certain, saying what it seems to be;
/// truncated, for nothing; the source's.
Result<Format> sniff(std::span<const std::byte> bytes, const ReadOptions& options = {},
                     SniffInput input = SniffInput::whole);
/// The same. A begin lies together in its source.
Result<Format> sniff(ByteSource& source, const ReadOptions& options = {}, SniffInput input = SniffInput::whole);

/// The format of input that begins so, if it is the same whatever follows, because no other reading is possible;
/// nothing if more has to be seen.
std::optional<Format> sniff_begin(std::span<const std::byte> begin, const ReadOptions& options = {});

}  // namespace sconce::core
