#include "core/outline/object_parts.h"

#include <string>
#include <utility>

#include "core/bytes/byte_sink.h"
#include "core/outline/part_reader.h"
#include "core/torch7/event_writer.h"

namespace sconce::core {

namespace {

/// The bytes of an object that is numbered anew: written, and then read. What they take is drawn from the budget
/// before.
class NumberedSource final : public ByteSource, public ByteSink {
 public:
  explicit NumberedSource(std::shared_ptr<Budget> budget) : budget_(std::move(budget)), held_(*budget_) {}

  /// For that many more.
  Status make_room(std::uint64_t bytes) {
    if (Status held = held_.add(bytes); !held) return held;
    bytes_.reserve(bytes_.capacity() + bytes);
    return {};
  }
  Status write(std::span<const std::byte> bytes) override {
    if (bytes.size() > bytes_.capacity() - bytes_.size()) {
      if (Status made = make_room(bytes.size() + bytes_.capacity()); !made) return made;
    }
    bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  std::uint64_t size_bytes() const override { return bytes_.size(); }
  Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) override {
    return std::as_bytes(std::span(bytes_)).subspan(offset, size);
  }

 private:
  std::string bytes_;
  const std::shared_ptr<Budget> budget_;
  Held held_;
};

/// The object with the indices 1, 2, 3, …, which has as many bytes.
Result<std::shared_ptr<ByteSource>> renumbered(ByteSource& source, const Outline& outline,
                                               const ObjectParts::Options& options) {
  auto numbered = std::make_shared<NumberedSource>(options.budget);
  if (Status made = numbered->make_room(source.size_bytes()); !made) return std::unexpected(std::move(made.error()));
  EventWriter writer(Format::binary, *numbered);
  PartFinder finder(source, outline, *options.classes, *options.budget);
  PartReader reader(source, finder, *options.classes, outline.parts[0], writer);
  while (!reader.done()) {
    if (Status advanced = reader.advance(); !advanced) return std::unexpected(std::move(advanced.error()));
  }
  if (Status finished = writer.finish(); !finished) return std::unexpected(std::move(finished.error()));
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
