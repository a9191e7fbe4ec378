#include "cli/reading.h"

#include <memory>
#include <utility>

#include "cli/input.h"
#include "core/bytes/input_buffer.h"
#include "core/bytes/read_begin.h"
#include "core/bytes/spool.h"
#include "core/torch7/sniff.h"
#include "proto/formats/convert/foreign_file.h"

namespace sconce::cli {
namespace {

/// All marks of files lie within them.
constexpr std::size_t kMarkBytes = 512;

/// An input that is there already, so that nothing has to be kept. Lifetime: it is borrowed.
class InputSpool final : public core::Spool {
 public:
  explicit InputSpool(core::ByteSource& input) : input_(input) {}
  core::Status write(std::span<const std::byte>) override { return {}; }
  core::ByteSource& source() override { return input_; }

 private:
  core::ByteSource& input_;
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
  const auto text = core::read_begin(input->source(), SIZE_MAX);
  if (!text) return std::unexpected(text.error());
  core::Status declared = classes.declare_all(*text);
  if (!declared) return std::unexpected(std::move(declared.error()));
  return classes;
}

core::ReadOptions read_options(const ReadingArguments& arguments, const core::ClassLayouts& classes,
                               std::uint64_t size_bytes) {
  core::ReadOptions options;
  options.referenced = arguments.referenced;
  options.input_bytes = size_bytes;
  options.classes = &classes;
  return options;
}

core::Result<proto::ObjectFormat> format_of(core::ByteSource& input, proto::ObjectFormat asked,
                                            const core::ReadOptions& options) {
  if (asked != proto::ObjectFormat::automatic) return asked;
  const auto begin = core::read_begin(input, proto::kForeignBeginBytes);
  if (!begin) return std::unexpected(begin.error());
  if (const auto foreign = proto::foreign_format_of(std::as_bytes(std::span(*begin)))) return *foreign;
  const auto sniffed = core::sniff(input, options);
  if (!sniffed) return std::unexpected(sniffed.error());
  return *proto::object_format_from_name(core::name_of(*sniffed));
}

core::Error explained(core::Error error, core::ByteSource& input, proto::ObjectFormat asked) {
  if (asked == proto::ObjectFormat::automatic) return error;
  const auto begin = core::read_begin(input, kMarkBytes);
  return begin ? proto::with_file_kind(std::move(error), asked, std::as_bytes(std::span(*begin))) : error;
}

std::string_view shown_name_of(proto::ObjectFormat format) {
  return format == proto::ObjectFormat::binary ? core::name_of(core::Format::b64) : proto::name_of(format);
}

proto::ImportRequest intake_request(core::ByteSource& input, proto::ObjectFormat format,
                                    const core::ReadOptions& options) {
  const auto spool = [&input]() -> core::Result<std::unique_ptr<core::Spool>> {
    return std::make_unique<InputSpool>(input);
  };
  return {.format = format, .read = options, .spool = spool};
}

core::Status take_all(proto::ObjectImporter& intake, core::ByteSource& input, proto::ObjectFormat format) {
  const std::uint64_t size = input.size_bytes();
  const bool is_spooled = format == proto::ObjectFormat::npz;  // and read from the input itself
  for (std::uint64_t at = 0; at < size && !is_spooled;) {
    const auto piece = input.read(at, size - at);
    if (!piece) return std::unexpected(piece.error());
    if (core::Status taken = intake.put(*piece); !taken) return taken;
    at += piece->size();
  }
  return intake.finish();
}

core::Result<ForeignRead> read_foreign_into(core::EventSink& sink, core::ByteSource& input, proto::ObjectFormat format,
                                            const core::ReadOptions& options) {
  CanonicalReader canonical(sink, *options.classes);
  proto::ObjectImporter intake(intake_request(input, format, options), canonical);
  core::Status read = take_all(intake, input, format);
  if (!read) return std::unexpected(std::move(read.error()));
  return ForeignRead{.undeclared = intake.undeclared(), .skipped = intake.skipped()};
}

}  // namespace sconce::cli
