// Input that claims to be in one of Torch's formats.

#include <algorithm>

#include "core/graph/transcode.h"
#include "core/outline/canonical_writer.h"
#include "core/torch7/event_reader.h"
#include "core/torch7/event_writer.h"
#include "core/torch7/sniff.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/round_trip.h"
#include "tests/support/event_recorder.h"

namespace sconce::tests {
namespace {

using core::Format;
using core::ReadOptions;
using core::Result;
using core::Status;

constexpr std::size_t kOutputBytesMax = std::size_t{8} << 20;
// Input up to this size is also given byte by byte.
constexpr std::size_t kBytewiseMax = 512;

struct Events {
  Status status;
  std::uint64_t offset = 0;
  std::string text;
  friend bool operator==(const Events&, const Events&) = default;
};

/// Gives the input in pieces: up to `split`, then in `step` bytes at a time.
Events read_pieces(std::string_view input, Format format, const ReadOptions& options, std::size_t split,
                   std::size_t step) {
  EventRecorder recorder;
  core::EventReader reader(format, recorder, options);
  std::size_t used = 0;
  Status status;
  for (std::size_t end = std::min(split, input.size()); status; end = std::min(end + step, input.size())) {
    const auto piece = bytes_of(input.substr(used, end - used));
    const Result<std::size_t> put = end == input.size() ? reader.put_last(piece) : reader.put(piece);
    if (!put) status = std::unexpected(put.error());
    else used += *put;
    if (end == input.size()) break;
  }
  require(used == reader.offset() || !status, "what was used is the offset");
  return {.status = status, .offset = status ? used : 0, .text = status ? recorder.text() : std::string()};
}

Events read_whole(std::string_view input, Format format, const ReadOptions& options) {
  return read_pieces(input, format, options, input.size(), 1);
}

void require_same(const Events& pieces, const Events& whole, const std::string& what) {
  const auto told = [](const Events& events) {
    return events.status ? "an object of " + std::to_string(events.offset) + " bytes"
                         : to_string(events.status.error());
  };
  require(pieces == whole, what + ": " + told(pieces) + ", and " + told(whole));
}

std::string transcoded(std::string_view input, Format from, Format to, const ReadOptions& options) {
  BoundedSink out(kOutputBytesMax);
  const auto used = core::transcode(bytes_of(input), out, {.from = from, .to = to, .read = options});
  const bool refused = !used && (used.error().code == core::ErrorCode::unrepresentable ||
                                 used.error().code == core::ErrorCode::limit_exceeded);
  require(used || refused, "what is read can be written: " + (used ? "" : core::to_string(used.error())));
  return used ? out.bytes() : std::string();
}

/// The same events come of what is written of them.
void check_written_again(std::string_view input, Format format, const ReadOptions& options, const Events& events) {
  BoundedSink out(kOutputBytesMax);
  core::EventWriter writer(format, out);
  core::EventReader reader(format, writer, options);
  if (!reader.put_last(bytes_of(input)) || !writer.finish()) return;  // larger than it may be here
  ReadOptions again = options;
  again.byte_order = core::ByteOrder::little;
  again.input_bytes.reset();
  require(read_whole(out.bytes(), format, again).text == events.text, "what is written has the same events");
}

Result<Taken> canonical_of(std::string_view input, Format format, const ReadOptions& options) {
  BoundedSink out(kOutputBytesMax);
  core::CanonicalWriter writer(format, out, options);
  if (Status put = writer.put(bytes_of(input)); !put) return std::unexpected(put.error());
  if (Status finished = writer.finish(); !finished) return std::unexpected(finished.error());
  return Taken{out.bytes(), writer.take_outline()};
}

void check_canonical(const Taken& taken) {
  const ReadOptions options{
      .trailing = core::TrailingBytes::refuse, .limits = modest_limits(), .classes = &fuzz_classes()};
  const Result<Taken> again = canonical_of(taken.canonical, Format::binary, options);
  require(again && again->canonical == taken.canonical, "canonical bytes stay as they are");
  require(transcoded(taken.canonical, Format::binary, Format::binary, options) == taken.canonical,
          "canonical bytes are written as they were read");
  check_outline(taken);
  check_json(taken);

  const std::string ascii = transcoded(taken.canonical, Format::binary, Format::ascii, options);
  const std::string binary = transcoded(ascii, Format::ascii, Format::binary, options);
  require(transcoded(binary, Format::binary, Format::ascii, options) == ascii, "ascii stays as it is");
  const std::string b32 = transcoded(taken.canonical, Format::binary, Format::b32, options);
  if (b32.empty()) return;
  require(transcoded(b32, Format::b32, Format::binary, options) == taken.canonical, "b32 keeps all of an object");
}

void fuzz(FuzzInput input) {
  constexpr Format kFormats[] = {Format::binary, Format::ascii, Format::b32, Format::automatic};
  const std::uint8_t choices = input.byte();
  const std::size_t split = input.number();
  Format format = kFormats[choices & 3U];
  ReadOptions options{.byte_order = (choices & 4U) != 0 ? core::ByteOrder::big : core::ByteOrder::little,
                      .referenced = (choices & 8U) == 0,
                      .limits = modest_limits(),
                      .classes = &fuzz_classes()};
  if ((choices & 16U) != 0) options.trailing = core::TrailingBytes::refuse;
  if ((choices & 32U) != 0) options.input_bytes = input.rest().size();
  if (format == Format::automatic) {
    const Result<Format> sniffed = core::sniff(bytes_of(input.rest()), options);
    if (!sniffed) return;
    format = *sniffed;
  }
  const Events events = read_whole(input.rest(), format, options);
  require_same(read_pieces(input.rest(), format, options, split, input.rest().size()), events,
               "two pieces give the same");
  if (input.rest().size() <= kBytewiseMax) {
    require_same(read_pieces(input.rest(), format, options, 0, 1), events, "single bytes give the same");
  }
  const Result<Taken> taken = canonical_of(input.rest(), format, options);
  require(taken.has_value() == events.status.has_value(), "what can be read becomes canonical");
  if (!events.status) return;
  check_written_again(input.rest(), format, options, events);
  check_canonical(*taken);
}

}  // namespace
}  // namespace sconce::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sconce::tests::fuzz({data, size});
  return 0;
}
