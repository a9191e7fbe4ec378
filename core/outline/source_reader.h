#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/bytes/byte_source.h"
#include "core/event/event_producer.h"
#include "core/torch7/event_reader.h"

namespace sconce::core {

/// Reads the object that begins somewhere in canonical bytes, a piece at a time, without a copy but where a primitive
/// lies across two pieces of the source. Lifetime: source, sink and the options' classes are borrowed. Threads: one at
/// a time.
class SourceReader final : public EventProducer {
 public:
  /// `options.input_bytes` and `refuse_shifted` are set here.
  SourceReader(ByteSource& source, std::uint64_t offset, EventSink& sink, ReadOptions options);

  /// Reads until the next piece is used up, the reader pauses, or the object is complete. Errors: the source's, and the
  /// reader's, with the offset in the source.
  Status advance() override;
  bool done() const override { return reader_.done(); }

  /// As EventReader: of what is passed over, nothing is read from the source.
  std::uint64_t elements_ahead_bytes() const { return reader_.elements_ahead_bytes(); }
  Status pass_over_elements();

  /// Where the next byte to be read lies in the source.
  std::uint64_t position() const { return position_; }

 private:
  Status put_across_pieces();
  Status note_used(const Result<std::size_t>& used);

  ByteSource& source_;
  const std::uint64_t begin_;
  std::uint64_t position_;
  EventReader reader_;
  std::vector<std::byte> across_;
};

}  // namespace sconce::core
