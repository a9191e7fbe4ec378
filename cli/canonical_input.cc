#include "cli/canonical_input.h"

#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/reading.h"
#include "cli/sequence.h"
#include "core/event/null_sink.h"
#include "core/files/spool_file.h"
#include "core/outline/part_finder.h"
#include "core/torch7/event_writer.h"

namespace sconce::cli {
namespace {

core::Result<std::unique_ptr<core::Spool>> make_spool() {
  std::error_code failed;
  const std::filesystem::path directory = std::filesystem::temp_directory_path(failed);
  if (failed) {
    return core::fail(core::ErrorCode::io_error, "cannot find the folder for temporary files: " + failed.message());
  }
  return core::make_spool_file(directory, UINT64_MAX);
}

/// The beginning of another source. Lifetime: that is borrowed.
class FirstBytes final : public core::ByteSource {
 public:
  FirstBytes(core::ByteSource& source, std::uint64_t size_bytes) : source_(source), size_bytes_(size_bytes) {}
  std::uint64_t size_bytes() const override { return size_bytes_; }
  core::Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) override {
    return source_.read(offset, size);
  }

 private:
  core::ByteSource& source_;
  const std::uint64_t size_bytes_;
};

/// All that was written, and the file that it is in.
std::shared_ptr<core::ByteSource> source_of(std::unique_ptr<core::Spool> spool) {
  const std::shared_ptr<core::Spool> kept = std::move(spool);
  return {kept, &kept->source()};
}

struct Canonicalised {
  core::Outline outline;
  proto::SkippedEntries skipped;
};

/// Reads all of the object, and writes its canonical bytes.
core::Result<Canonicalised> canonicalise(core::ByteSource& input, proto::ObjectFormat format,
                                         const core::ReadOptions& options, core::ByteSink& out) {
  proto::ObjectImporter intake(intake_request(input, format, options), out);
  core::Status read = take_all(intake, input, format);
  if (!read) return std::unexpected(std::move(read.error()));
  return Canonicalised{.outline = intake.take_outline(), .skipped = intake.skipped()};
}

}  // namespace

/// What they are is checked first, and elements are not read for it.
core::Result<CanonicalInput> CanonicalInput::read_canonical(core::ByteSource& input, const core::ReadOptions& options) {
  core::NullSink nowhere;
  core::ReadOptions passing_over = options;
  passing_over.pause_at_elements = true;
  core::EventReader reader(core::Format::binary, nowhere, passing_over);
  const auto used = core::read_last(reader, input, 0);
  if (!used) return std::unexpected(used.error());
  auto source = std::make_shared<FirstBytes>(input, *used);
  core::Budget budget(core::Budget::unlimited());  // the user's own file
  auto outline = core::scan_outline(*source, *options.classes, budget);
  if (!outline) return std::unexpected(std::move(outline.error()));
  return CanonicalInput(std::move(source), Bytes::of_input, std::move(*outline), *options.classes);
}

core::Result<CanonicalInput> CanonicalInput::read(core::ByteSource& input, proto::ObjectFormat format,
                                                  const core::ReadOptions& options) {
  if (format == proto::ObjectFormat::binary && options.referenced) {
    return read_canonical(input, options);
  }
  auto spool = make_spool();
  if (!spool) return std::unexpected(std::move(spool.error()));
  auto made = canonicalise(input, format, options, **spool);
  if (!made) return std::unexpected(std::move(made.error()));
  CanonicalInput canonical(source_of(std::move(*spool)), Bytes::spooled, std::move(made->outline), *options.classes);
  canonical.skipped_ = std::move(made->skipped);
  return canonical;
}

core::Result<CanonicalInput> CanonicalInput::read_table(core::ByteSource& input, core::Format format,
                                                        const core::ReadOptions& options, std::size_t count) {
  auto spool = make_spool();
  if (!spool) return std::unexpected(std::move(spool.error()));
  core::EventWriter writer(core::Format::binary, **spool);
  core::Status written = read_objects_as_table(writer, input, format, options, count);
  if (written) written = writer.finish();
  if (!written) return std::unexpected(std::move(written.error()));
  auto source = source_of(std::move(*spool));
  core::Budget budget(core::Budget::unlimited());  // the user's own file
  auto outline = core::scan_outline(*source, *options.classes, budget);
  if (!outline) return std::unexpected(std::move(outline.error()));
  return CanonicalInput(std::move(source), Bytes::spooled, std::move(*outline), *options.classes);
}

CanonicalInput::CanonicalInput(std::shared_ptr<core::ByteSource> source, Bytes bytes, core::Outline outline,
                               const core::ClassLayouts& classes)
    : source_(std::move(source)),
      bytes_(bytes),
      outline_(std::make_shared<const core::Outline>(std::move(outline))),
      classes_(&classes) {}

proto::CanonicalBytes CanonicalInput::canonical() const {
  const auto open_parts = [this] {
    auto budget = std::make_shared<core::Budget>(core::Budget::unlimited());
    const core::ObjectParts::Options options{
        .classes = classes_, .renumbered_bytes_max = UINT64_MAX, .budget = std::move(budget)};
    return core::ObjectParts::open(source_, outline_, options);
  };
  return {.source = source_, .open_parts = open_parts};
}

}  // namespace sconce::cli
