#include "core/transcode.h"

#include <utility>

#include "core/serialize.h"
#include "core/sniff.h"

namespace sconce::core {
namespace {

Result<std::size_t> read_all(std::span<const std::byte> input, Format format, const ReadOptions& options,
                             EventSink& sink) {
  EventReader reader(format, sink, options);
  return reader.put_last(input);
}

/// Event by event: what is shared stays shared.
Result<std::size_t> transcode_events(std::span<const std::byte> input, Format from, EventWriter& writer,
                                     const TranscodeOptions& options) {
  if (options.read.referenced) return read_all(input, from, options.read, writer);
  DistinctIndices distinct(writer);
  return read_all(input, from, options.read, distinct);
}

/// Through the graph: what is shared is written in full.
Result<std::size_t> transcode_expanded(std::span<const std::byte> input, Format from, EventWriter& writer,
                                       const TranscodeOptions& options) {
  const DeserializeOptions read{.format = from, .read = options.read, .elements = Elements::view};
  const Result<Deserialized> deserialized = deserialize(input, read);
  if (!deserialized) return std::unexpected(deserialized.error());
  WalkOptions walk_options = options.walk;
  walk_options.referenced = false;
  Status walked = walk(deserialized->object.root(), writer, walk_options);
  if (!walked) return std::unexpected(std::move(walked.error()));
  return deserialized->used_bytes;
}

}  // namespace

std::int32_t DistinctIndices::distinct(std::int32_t index) {
  if (taken_.insert(index)) return index;
  changed_ = true;
  while (!taken_.insert(--fresh_)) {
  }
  return fresh_;
}

Status DistinctIndices::on(const Event& event) {
  if (const auto* table = std::get_if<event::Table>(&event)) {
    return next_.on(event::Table{.index = distinct(table->index), .count = table->count});
  }
  if (const auto* instance = std::get_if<event::Instance>(&event)) {
    return next_.on(event::Instance{.index = distinct(instance->index), .header = instance->header});
  }
  if (const auto* function = std::get_if<event::Function>(&event); function != nullptr && function->index) {
    event::Function changed = *function;
    changed.index = distinct(*function->index);
    return next_.on(changed);
  }
  return next_.on(event);
}

Result<std::size_t> transcode(std::span<const std::byte> input, ByteSink& out, const TranscodeOptions& given) {
  TranscodeOptions options = given;
  options.read.input_bytes = input.size();
  if (options.from == Format::automatic) {
    const Result<Format> format = sniff(input, options.read);
    if (!format) return std::unexpected(format.error());
    options.from = *format;
  }
  EventWriter writer(options.to, out);
  const bool expand = options.read.referenced && !options.referenced;
  Result<std::size_t> used = expand ? transcode_expanded(input, options.from, writer, options)
                                    : transcode_events(input, options.from, writer, options);
  if (!used) return used;
  Status finished = writer.finish();
  if (!finished) return std::unexpected(std::move(finished.error()));
  return used;
}

}  // namespace sconce::core
