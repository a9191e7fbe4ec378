#include "cli/reading.h"

#include <memory>
#include <utility>

#include "cli/input.h"
#include "core/bytes/input_buffer.h"
#include "core/bytes/spool.h"
#include "core/torch7/sniff.h"

namespace sconce::cli {
namespace {

/// An input that is there already, so that nothing has to be kept. Lifetime: it is borrowed.
class InputSpool final : public core::Spool {
 public:
  explicit InputSpool(std::span<const std::byte> input) : input_(input) {}
  core::Status write(std::span<const std::byte>) override { return {}; }
  core::ByteSource& source() override { return input_; }

 private:
  core::MemorySource input_;
};

/// Reads canonical bytes while they are written. Lifetime: `sink` and `classes` are borrowed.
class CanonicalReader final : public core::ByteSink {
 public:
  CanonicalReader(core::EventSink& sink, const core::ClassLayouts& classes)
      : reader_(core::Format::binary, sink, {.refuse_shifted = false, .classes = &classes}),
        unconsumed_(core::EventReader::kBytesHeldMax) {}

  core::Status write(std::span<const std::byte> bytes) override {
    return unconsumed_.put(bytes, [this](std::span<const std::byte> piece) { return reader_.put(piece); });
  }

 private:
  core::EventReader reader_;
  core::UnconsumedInput unconsumed_;
};

}  // namespace

core::Result<core::ClassLayouts> load_classes(const std::string& file) {
  core::ClassLayouts classes;
  if (file.empty()) return classes;
  const auto input = Input::open(file);
  if (!input) return std::unexpected(input.error());
  const auto bytes = input->bytes();
  core::Status declared = classes.declare_all({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!declared) return std::unexpected(std::move(declared.error()));
  return classes;
}

core::ReadOptions read_options(const ReadingArguments& arguments, const core::ClassLayouts& classes,
                               std::size_t size_bytes) {
  core::ReadOptions options;
  options.referenced = arguments.referenced;
  options.input_bytes = size_bytes;
  options.classes = &classes;
  return options;
}

core::Result<proto::ObjectFormat> format_of(std::span<const std::byte> bytes, proto::ObjectFormat asked,
                                            const core::ReadOptions& options) {
  if (asked != proto::ObjectFormat::automatic) return asked;
  if (const auto foreign = proto::foreign_format_of(bytes)) return *foreign;
  const auto sniffed = core::sniff(bytes, options);
  if (!sniffed) return std::unexpected(sniffed.error());
  return *proto::object_format_from_name(core::name_of(*sniffed));
}

std::string_view shown_name_of(proto::ObjectFormat format) {
  return format == proto::ObjectFormat::binary ? core::name_of(core::Format::b64) : proto::name_of(format);
}

proto::ImportRequest intake_request(std::span<const std::byte> bytes, proto::ObjectFormat format,
                                    const core::ReadOptions& options) {
  const auto spool = [bytes]() -> core::Result<std::unique_ptr<core::Spool>> {
    return std::make_unique<InputSpool>(bytes);
  };
  return {.format = format, .read = options, .spool = spool};
}

core::Result<core::UndeclaredClasses> read_foreign_into(core::EventSink& sink, std::span<const std::byte> bytes,
                                                        proto::ObjectFormat format, const core::ReadOptions& options) {
  CanonicalReader canonical(sink, *options.classes);
  proto::ObjectImporter intake(intake_request(bytes, format, options), canonical);
  core::Status read = intake.put(bytes);
  if (read) read = intake.finish();
  if (!read) return std::unexpected(std::move(read.error()));
  return intake.undeclared();
}

}  // namespace sconce::cli
