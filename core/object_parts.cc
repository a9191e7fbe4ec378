#include "core/object_parts.h"

#include <utility>

#include "core/byte_sink.h"
#include "core/event_writer.h"
#include "core/part_reader.h"

namespace sconce::core {

namespace {

/// The object's bytes with the indices 1, 2, 3, ….
Result<std::string> renumbered(ByteSource& source, const Outline& outline, const ClassLayouts& classes) {
  std::string bytes;
  StringSink out(bytes);
  EventWriter writer(Format::binary, out);
  PartFinder finder(source, outline, classes);
  PartReader reader(source, finder, classes, outline.parts[0], writer);
  while (!reader.done()) {
    if (Status advanced = reader.advance(); !advanced) return std::unexpected(std::move(advanced.error()));
  }
  if (Status finished = writer.finish(); !finished) return std::unexpected(std::move(finished.error()));
  return bytes;
}

}  // namespace

Result<std::unique_ptr<ObjectParts>> ObjectParts::open(std::shared_ptr<ByteSource> source,
                                                       std::shared_ptr<const Outline> outline, const Options& options) {
  if (outline == nullptr) {
    Result<Outline> scanned = scan_outline(*source, *options.classes);
    if (!scanned) return std::unexpected(std::move(scanned.error()));
    outline = std::make_shared<const Outline>(std::move(*scanned));
  }
  if (outline->in_order) {
    return std::unique_ptr<ObjectParts>(new ObjectParts(std::move(source), {}, std::move(outline), options));
  }
  if (source->size_bytes() > options.renumbered_bytes_max) {
    return fail(ErrorCode::limit_exceeded,
                "the object's indices are not in order, so parts of it can only be read if it has "
                "at most " +
                    std::to_string(options.renumbered_bytes_max) + " bytes");
  }
  Result<std::string> bytes = renumbered(*source, *outline, *options.classes);
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  MemorySource memory(std::as_bytes(std::span(*bytes)));
  Result<Outline> scanned = scan_outline(memory, *options.classes);
  if (!scanned) return std::unexpected(std::move(scanned.error()));
  outline = std::make_shared<const Outline>(std::move(*scanned));
  return std::unique_ptr<ObjectParts>(new ObjectParts(nullptr, std::move(*bytes), std::move(outline), options));
}

ObjectParts::ObjectParts(std::shared_ptr<ByteSource> source, std::string bytes, std::shared_ptr<const Outline> outline,
                         const Options& options)
    : options_(options),
      bytes_(std::move(bytes)),
      source_(source != nullptr ? std::move(source) : std::make_shared<MemorySource>(std::as_bytes(std::span(bytes_)))),
      outline_(std::move(outline)),
      finder_(*source_, *outline_, *options_.classes) {}

}  // namespace sconce::core
