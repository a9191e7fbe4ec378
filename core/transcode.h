#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/byte_sink.h"
#include "core/error.h"
#include "core/event.h"
#include "core/event_reader.h"
#include "core/object_walker.h"

namespace sconce::core {

/// Passes events on with the indices 1, 2, 3, … in the order of the definitions, so that what was read with
/// `referenced` false can be read with `referenced` true. Torch writes these indices itself; nothing has to be
/// remembered. Errors: limit_exceeded, when there are no more indices; those of `next`.
///
/// Lifetime: `next` is borrowed. Threads: none.
class DistinctIndices final : public EventSink {
 public:
  explicit DistinctIndices(EventSink& next) : next_(next) {}
  Status on(const Event& event) override;

 private:
  template <class Definition>
  Status pass_on(Definition definition);

  EventSink& next_;
  std::int32_t last_ = 0;
};

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
/// Errors: the reader's, with offset and path in the input; the writer's; unknown_format.
Result<std::size_t> transcode(std::span<const std::byte> input, ByteSink& out, const TranscodeOptions& options);

}  // namespace sconce::core
