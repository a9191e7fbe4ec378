#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/bytes/byte_sink.h"
#include "core/bytes/byte_source.h"
#include "core/error.h"
#include "core/event/event.h"
#include "core/graph/object_walker.h"
#include "core/torch7/event_reader.h"

namespace sconce::core {

/// From one format to another.
struct TranscodeOptions {
  Format from = Format::automatic;
  Format to = Format::binary;
  /// How the input was written is `read.referenced`.
  ReadOptions read = {};
  /// How the output is to be written. Expanding what is shared needs the object graph, so memory then grows with the
  /// object.
  bool referenced = true;
  WalkOptions walk = {};
};

/// Reads one object from `input`, which is all of it, and writes it to `out`. Returns the bytes that the object took.
/// By events, in bounded memory, unless sharing has to be expanded: what is shared stays shared, and input that was
/// written with `referenced` false gets distinct indices.
/// Threads: safe from many, on different sinks.
/// Errors: the reader's, with offset and path in the input; the writer's; unknown_format.
Result<std::size_t> transcode(std::span<const std::byte> input, ByteSink& out, const TranscodeOptions& options);

/// The same, of a source that is read in pieces; `options.from` is not automatic, and sharing is not expanded. Errors:
/// also the source's.
Result<std::uint64_t> transcode_events(ByteSource& input, ByteSink& out, const TranscodeOptions& options);

}  // namespace sconce::core
