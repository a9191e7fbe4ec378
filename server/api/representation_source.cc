#include "server/api/representation_source.h"

#include <algorithm>

#include "core/carry_over.h"
#include "core/transcode.h"

namespace sconce::server::api {

namespace {

using proto::Representation;
using storage::RevisionReader;

// Up to this size an object is transcoded at once.
constexpr std::uint64_t kAtOnceBytesMax = 1 << 20;
constexpr std::size_t kReadBytesMax = 256 * 1024;

core::ReadOptions read_options(const RevisionReader& reader, const ApiContext& context) {
  return {.input_bytes = reader.meta().size_bytes, .classes = &context.classes};
}

/// Reads a stored object in order, and transcodes it by events.
class StoredTranscoder {
 public:
  /// Lifetime: all are borrowed.
  StoredTranscoder(RevisionReader& reader, core::Format to, const ApiContext& context, core::ByteSink& out)
      : reader_(reader),
        carry_over_(core::EventReader::kBytesHeldMax),
        transcoder_(core::Format::binary, to, out, read_options(reader, context)) {}

  bool done() const { return done_; }

  /// Reads a piece, and writes what it becomes.
  core::Status advance() {
    const std::uint64_t left = reader_.meta().size_bytes - offset_;
    const auto piece = reader_.read(offset_, std::min<std::uint64_t>(left, kReadBytesMax));
    if (!piece) return std::unexpected(piece.error());
    offset_ += piece->size();
    core::Status put =
        carry_over_.put(*piece, [this](std::span<const std::byte> bytes) { return transcoder_.put(bytes); });
    if (!put || offset_ < reader_.meta().size_bytes) return put;
    done_ = true;
    const core::Result<std::size_t> last = transcoder_.put_last(carry_over_.held());
    if (!last) return std::unexpected(last.error());
    return {};
  }

 private:
  RevisionReader& reader_;
  core::CarryOver carry_over_;
  core::Transcoder transcoder_;
  std::uint64_t offset_ = 0;
  bool done_ = false;
};

core::Status transcode_all(RevisionReader& reader, core::Format to, const ApiContext& context, core::ByteSink& out) {
  StoredTranscoder transcoder(reader, to, context, out);
  while (!transcoder.done()) {
    if (core::Status advanced = transcoder.advance(); !advanced) return advanced;
  }
  return {};
}

/// Transcodes as the bytes are asked for.
class TranscodedSource final : public BodySource {
 public:
  TranscodedSource(std::shared_ptr<RevisionReader> reader, core::Format to, const ApiContext& context,
                   std::optional<std::uint64_t> size_bytes)
      : reader_(std::move(reader)), size_bytes_(size_bytes), out_(buffer_), transcoder_(*reader_, to, context, out_) {}

  std::optional<std::uint64_t> size_bytes() const override { return size_bytes_; }

  core::Result<std::span<const std::byte>> next() override {
    buffer_.clear();
    while (buffer_.empty() && !transcoder_.done()) {
      if (core::Status advanced = transcoder_.advance(); !advanced) return std::unexpected(std::move(advanced.error()));
    }
    return std::as_bytes(std::span(buffer_));
  }

 private:
  std::shared_ptr<RevisionReader> reader_;
  const std::optional<std::uint64_t> size_bytes_;
  std::string buffer_;
  core::StringSink out_;
  StoredTranscoder transcoder_;
};

core::Result<std::string> read_all(RevisionReader& reader) {
  std::string bytes;
  while (bytes.size() < reader.meta().size_bytes) {
    const auto piece = reader.read(bytes.size(), reader.meta().size_bytes - bytes.size());
    if (!piece) return std::unexpected(piece.error());
    bytes.append(reinterpret_cast<const char*>(piece->data()), piece->size());
  }
  return bytes;
}

/// What is shared, in full: needs the object's graph.
core::Result<std::unique_ptr<BodySource>> expanded_source(RevisionReader& reader, core::Format to,
                                                          const ApiContext& context) {
  if (reader.meta().size_bytes > context.held_bytes_max) {
    return core::fail(core::ErrorCode::limit_exceeded,
                      "writing what is shared in full holds the object in memory, so it may have at most " +
                          std::to_string(context.held_bytes_max) + " bytes");
  }
  const core::Result<std::string> stored = read_all(reader);
  if (!stored) return std::unexpected(stored.error());
  core::TranscodeOptions options{.from = core::Format::binary, .to = to, .referenced = false};
  options.read.classes = &context.classes;
  options.walk.expanded_bytes_max = context.expanded_bytes_max;
  std::string text;
  core::StringSink out(text);
  const core::Result<std::size_t> used = core::transcode(std::as_bytes(std::span(*stored)), out, options);
  if (!used) return std::unexpected(used.error());
  return source_of(std::move(text));
}

}  // namespace

core::Result<std::unique_ptr<BodySource>> representation_source(std::shared_ptr<RevisionReader> reader,
                                                                const Representation& representation,
                                                                const ApiContext& context) {
  const core::Format to = representation.format;
  if (!representation.referenced) return expanded_source(*reader, to, context);
  if (reader->meta().size_bytes <= kAtOnceBytesMax) {
    std::string text;
    core::StringSink out(text);
    if (core::Status written = transcode_all(*reader, to, context, out); !written) {
      return std::unexpected(std::move(written.error()));
    }
    return source_of(std::move(text));
  }
  if (to == core::Format::ascii)
    return std::make_unique<TranscodedSource>(std::move(reader), to, context, std::nullopt);
  // b32 cannot say every object, which has to be known before the first byte is sent.
  core::CountingSink count;
  if (core::Status counted = transcode_all(*reader, to, context, count); !counted) {
    return std::unexpected(std::move(counted.error()));
  }
  return std::make_unique<TranscodedSource>(std::move(reader), to, context, count.size_bytes());
}

}  // namespace sconce::server::api
