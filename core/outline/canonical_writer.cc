#include "core/outline/canonical_writer.h"

#include <optional>
#include <utility>
#include <vector>

#include "core/bytes/input_buffer.h"
#include "core/event/distinct_indices.h"
#include "core/event/null_sink.h"
#include "core/event/root_kind_recorder.h"
#include "core/outline/outline_builder.h"
#include "core/torch7/event_writer.h"
#include "core/torch7/sniff.h"

namespace sconce::core {

// Of most objects this says which format they are in, so that nothing need be held back.
constexpr std::size_t kSniffBeginBytes = 4096;

/// Takes events of what is written, for the outline, and passes them on to a writer if there is one.
class OutlineTee final : public EventSink {
 public:
  OutlineTee(const ClassLayouts& classes, EventSink* writer) : builder_(classes), writer_(writer) {}
  Status on(const Event& event) override {
    if (Status outlined = builder_.on(event); !outlined || writer_ == nullptr) return outlined;
    return writer_->on(event);
  }
  Outline take() { return builder_.take(); }

 private:
  OutlineBuilder builder_;
  EventSink* writer_;
};

/// The reader's events go through `root_kind_` to the outline if there is one, and on to a writer if the input is not
/// canonical.
class CanonicalWriter::Impl {
 public:
  Impl(Format format, ByteSink& out, const ReadOptions& options, Outlining outlining)
      : options_(options), outlining_(outlining), out_(out), unconsumed_(EventReader::kBytesHeldMax) {
    if (format != Format::automatic) begin(format);
  }

  Status put(std::span<const std::byte> bytes) {
    if (reader_) return read(bytes);
    if (sniffed_.empty() && bytes.size() > kSniffBeginBytes) {
      if (const auto format = sniff_begin(bytes.first(kSniffBeginBytes), options_)) {
        begin(*format);
        return read(bytes);
      }
    }
    sniffed_.insert(sniffed_.end(), bytes.begin(), bytes.end());
    return sniffed_.size() < kSniffBytesMax ? Status() : read_sniffed(SniffInput::begin);
  }

  Status finish() {
    if (!reader_) {
      if (Status read = read_sniffed(SniffInput::whole); !read) return read;
    }
    const std::span<const std::byte> held = unconsumed_.held();
    if (Result<std::size_t> used = consume(held, &EventReader::put_last); !used) return failed(used.error());
    return writer_ ? writer_->finish() : Status();
  }

  Outline take_outline() { return outline_->take(); }

  const UndeclaredClasses& undeclared() const { return reader_->undeclared(); }

  std::string_view root_kind() const { return root_kind_ ? root_kind_->kind() : std::string_view(); }

 private:
  void begin(Format format) {
    const bool as_it_comes = options_.referenced && options_.byte_order == ByteOrder::little;
    const bool canonical = as_it_comes && (format == Format::binary || format == Format::b64);
    if (!canonical) writer_.emplace(Format::binary, out_);
    else passes_on_ = options_.trailing == TrailingBytes::refuse ? PassesOn::all : PassesOn::what_was_read;
    EventSink* sink = &validated_;
    if (writer_) sink = &*writer_;
    if (outlining_ == Outlining::on) sink = &outline_.emplace(*options_.classes, writer_ ? &*writer_ : nullptr);
    if (!options_.referenced) sink = &distinct_.emplace(*sink);
    reader_.emplace(format, root_kind_.emplace(*sink), options_);
  }

  Status read_sniffed(SniffInput input) {
    const Result<Format> format = sniff(sniffed_, options_, input);
    if (!format) return std::unexpected(format.error());
    if (input == SniffInput::begin && !sniff_begin(sniffed_, options_)) guess_ = *format;
    begin(*format);
    const std::vector<std::byte> begun = std::exchange(sniffed_, {});
    return read(begun);
  }

  /// Where nothing may stand behind the object, all that comes is the object's, so it is passed on in the pieces in
  /// which it came.
  Status read(std::span<const std::byte> bytes) {
    Status read =
        unconsumed_.put(bytes, [this](std::span<const std::byte> piece) { return consume(piece, &EventReader::put); });
    if (!read) return failed(std::move(read.error()));
    return passes_on_ == PassesOn::all ? out_.write(bytes) : read;
  }

  /// Where the format was a guess, that may be what is wrong.
  std::unexpected<Error> failed(Error error) const {
    if (guess_) {
      error.what += "; the input was read as " + std::string(name_of(*guess_)) + ", since its first " +
                    std::to_string(kSniffBytesMax) + " bytes do not tell b64 from b32: if it is the other, name it";
    }
    return std::unexpected(std::move(error));
  }

  Result<std::size_t> consume(std::span<const std::byte> piece,
                              Result<std::size_t> (EventReader::*step)(std::span<const std::byte>)) {
    Result<std::size_t> used = ((*reader_).*step)(piece);
    if (!used || passes_on_ != PassesOn::what_was_read || *used == 0) return used;
    if (Status written = out_.write(piece.first(*used)); !written) return std::unexpected(std::move(written.error()));
    return used;
  }

  enum class PassesOn : std::uint8_t { nothing, what_was_read, all };

  const ReadOptions options_;
  const Outlining outlining_;
  ByteSink& out_;
  PassesOn passes_on_ = PassesOn::nothing;
  std::vector<std::byte> sniffed_;
  std::optional<Format> guess_;  // where nothing told it for certain
  UnconsumedInput unconsumed_;
  std::optional<EventWriter> writer_;
  NullSink validated_;
  std::optional<OutlineTee> outline_;
  std::optional<DistinctIndices> distinct_;
  std::optional<RootKindRecorder> root_kind_;
  std::optional<EventReader> reader_;
};

CanonicalWriter::CanonicalWriter(Format format, ByteSink& out, const ReadOptions& options, Outlining outlining)
    : impl_(std::make_unique<Impl>(format, out, options, outlining)) {}
CanonicalWriter::CanonicalWriter(CanonicalWriter&&) noexcept = default;
CanonicalWriter& CanonicalWriter::operator=(CanonicalWriter&&) noexcept = default;
CanonicalWriter::~CanonicalWriter() = default;

Status CanonicalWriter::put(std::span<const std::byte> bytes) { return impl_->put(bytes); }
Status CanonicalWriter::finish() { return impl_->finish(); }
const UndeclaredClasses& CanonicalWriter::undeclared() const { return impl_->undeclared(); }
Outline CanonicalWriter::take_outline() { return impl_->take_outline(); }
std::string_view CanonicalWriter::root_kind() const { return impl_->root_kind(); }

}  // namespace sconce::core
