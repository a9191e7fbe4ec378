#include "core/graph/transcode.h"

#include <utility>

#include "core/event/distinct_indices.h"
#include "core/graph/serialize.h"
#include "core/torch7/event_writer.h"
#include "core/torch7/sniff.h"

namespace sconce::core {
namespace {

/// Through the graph: what is shared is written in full.
Result<std::size_t> transcode_expanded(std::span<const std::byte> input, ByteSink& out,
                                       const TranscodeOptions& options) {
  const DeserializeOptions read{.format = options.from, .read = options.read, .elements = Elements::view};
  const Result<Deserialized> deserialized = deserialize(input, read);
  if (!deserialized) return std::unexpected(deserialized.error());
  EventWriter writer(options.to, out);
  WalkOptions walk_options = options.walk;
  walk_options.referenced = false;
  Status walked = walk(deserialized->object.root(), writer, walk_options);
  if (walked) walked = writer.finish();
  if (!walked) return std::unexpected(std::move(walked.error()));
  return deserialized->used_bytes;
}

}  // namespace

Result<std::size_t> transcode(std::span<const std::byte> input, ByteSink& out, const TranscodeOptions& given) {
  TranscodeOptions options = given;
  options.read.input_bytes = input.size();
  if (options.from == Format::automatic) {
    const Result<Format> format = sniff(input, options.read);
    if (!format) return std::unexpected(format.error());
    options.from = *format;
  }
  if (options.read.referenced && !options.referenced) return transcode_expanded(input, out, options);
  MemorySource source(input);
  return transcode_events(source, out, options);
}

Result<std::uint64_t> transcode_events(ByteSource& input, ByteSink& out, const TranscodeOptions& options) {
  ReadOptions read = options.read;
  read.input_bytes = input.size_bytes();
  EventWriter writer(options.to, out);
  DistinctIndices distinct(writer);
  EventReader reader(options.from, read.referenced ? static_cast<EventSink&>(writer) : distinct, read);
  Result<std::uint64_t> used = read_last(reader, input, 0);
  if (!used) return used;
  if (Status finished = writer.finish(); !finished) return std::unexpected(std::move(finished.error()));
  return used;
}

}  // namespace sconce::core
