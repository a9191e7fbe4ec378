#include "core/outline/object_parts.h"

#include <string>
#include <utility>

#include "core/bytes/byte_sink.h"
#include "core/outline/part_reader.h"
#include "core/torch7/event_writer.h"

namespace sconce::core {

namespace {

/// The bytes of an object that was numbered anew.
class NumberedSource final : public ByteSource {
 public:
  NumberedSource(std::string bytes, std::shared_ptr<Budget> budget)
      : bytes_(std::move(bytes)), budget_(std::move(budget)), held_(*budget_) {}
  Status hold() { return held_.add(bytes_.capacity()); }
  std::uint64_t size_bytes() const override { return bytes_.size(); }
  Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) override {
    return std::as_bytes(std::span(bytes_)).subspan(offset, size);
  }

 private:
  const std::string bytes_;
  const std::shared_ptr<Budget> budget_;
  Held held_;
};

/// The object with the indices 1, 2, 3, ….
Result<std::shared_ptr<ByteSource>> renumbered(ByteSource& source, const Outline& outline,
                                               const ObjectParts::Options& options) {
  std::string bytes;
  StringSink out(bytes);
  EventWriter writer(Format::binary, out);
  PartFinder finder(source, outline, *options.classes, *options.budget);
  PartReader reader(source, finder, *options.classes, outline.parts[0], writer);
  while (!reader.done()) {
    if (Status advanced = reader.advance(); !advanced) return std::unexpected(std::move(advanced.error()));
  }
  if (Status finished = writer.finish(); !finished) return std::unexpected(std::move(finished.error()));
  auto numbered = std::make_shared<NumberedSource>(std::move(bytes), options.budget);
  if (Status held = numbered->hold(); !held) return std::unexpected(std::move(held.error()));
  return numbered;
}

}  // namespace

Result<std::unique_ptr<ObjectParts>> ObjectParts::open(std::shared_ptr<ByteSource> source,
                                                       std::shared_ptr<const Outline> outline, Options options) {
  if (options.budget == nullptr) {
    options.budget = std::make_shared<Budget>();
    options.budget->allow_for(source->size_bytes());
  }
  if (outline == nullptr) {
    Result<Outline> scanned = scan_outline(*source, *options.classes, *options.budget);
    if (!scanned) return std::unexpected(std::move(scanned.error()));
    outline = std::make_shared<const Outline>(std::move(*scanned));
  }
  if (outline->in_order) {
    return std::unique_ptr<ObjectParts>(new ObjectParts(std::move(source), std::move(outline), std::move(options)));
  }
  if (source->size_bytes() > options.renumbered_bytes_max) {
    return fail(ErrorCode::limit_exceeded,
                "the object's indices are not in order, so parts of it can only be read if it has "
                "at most " +
                    std::to_string(options.renumbered_bytes_max) + " bytes");
  }
  Result<std::shared_ptr<ByteSource>> numbered = renumbered(*source, *outline, options);
  if (!numbered) return std::unexpected(std::move(numbered.error()));
  Result<Outline> scanned = scan_outline(**numbered, *options.classes, *options.budget);
  if (!scanned) return std::unexpected(std::move(scanned.error()));
  outline = std::make_shared<const Outline>(std::move(*scanned));
  return std::unique_ptr<ObjectParts>(new ObjectParts(std::move(*numbered), std::move(outline), std::move(options)));
}

ObjectParts::ObjectParts(std::shared_ptr<ByteSource> source, std::shared_ptr<const Outline> outline, Options options)
    : options_(std::move(options)),
      source_(std::move(source)),
      outline_(std::move(outline)),
      finder_(*source_, *outline_, *options_.classes, *options_.budget) {}

}  // namespace sconce::core
