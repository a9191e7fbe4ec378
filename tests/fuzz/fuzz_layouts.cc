// The language of layouts, and payloads of a class that such a layout declares.

#include <string>

#include "core/classes/class_layout.h"
#include "core/graph/transcode.h"
#include "core/outline/canonical_writer.h"
#include "core/outline/part_finder.h"
#include "tests/fuzz/fuzz.h"

namespace sconce::tests {
namespace {

using core::Format;
using core::Result;

constexpr std::size_t kOutputBytesMax = std::size_t{4} << 20;

core::ReadOptions options_of(const core::ClassLayouts& classes) {
  return {.trailing = core::TrailingBytes::refuse, .limits = modest_limits(), .classes = &classes};
}

struct Taken {
  std::string canonical;
  core::Outline outline;
};

Result<Taken> take_in(std::string_view input, Format format, const core::ClassLayouts& classes, std::size_t split) {
  BoundedSink out(kOutputBytesMax);
  core::CanonicalWriter writer(format, out, options_of(classes));
  for (const std::string_view piece : {input.substr(0, split), input.substr(split)}) {
    if (core::Status put = writer.put(bytes_of(piece)); !put) return std::unexpected(put.error());
  }
  if (core::Status finished = writer.finish(); !finished) return std::unexpected(finished.error());
  return Taken{out.bytes(), writer.take_outline()};
}

std::string transcoded(std::string_view input, Format from, Format to, const core::ClassLayouts& classes) {
  BoundedSink out(kOutputBytesMax);
  const auto used = core::transcode(bytes_of(input), out, {.from = from, .to = to, .read = options_of(classes)});
  const bool too_large = !used && used.error().code == core::ErrorCode::limit_exceeded;
  require(used || too_large, "what is read can be written: " + (used ? "" : core::to_string(used.error())));
  return used ? out.bytes() : std::string();
}

void check_payload(std::string_view input, Format format, const core::ClassLayouts& classes, std::size_t split) {
  const Result<Taken> whole = take_in(input, format, classes, input.size());
  const Result<Taken> in_two = take_in(input, format, classes, split);
  require(whole.has_value() == in_two.has_value(), "two pieces give the same as one");
  if (!whole) {
    require(whole.error() == in_two.error(), "two pieces give the same error as one");
    return;
  }
  require(whole->canonical == in_two->canonical && whole->outline.parts == in_two->outline.parts,
          "two pieces give the same object as one");
  core::MemorySource source(bytes_of(whole->canonical));
  core::Budget budget;
  const auto scanned = core::scan_outline(source, classes, budget);
  require(scanned && scanned->parts == whole->outline.parts, "an outline is what is read of the bytes");
  const std::string ascii = transcoded(whole->canonical, Format::binary, Format::ascii, classes);
  if (ascii.empty()) return;
  const std::string binary = transcoded(ascii, Format::ascii, Format::binary, classes);
  require(transcoded(binary, Format::binary, Format::ascii, classes) == ascii, "ascii stays as it is");
}

void fuzz(FuzzInput input) {
  const std::uint8_t choices = input.byte();
  const std::string_view layout = input.text(input.byte());
  core::ClassLayouts classes;
  const core::Status declared = classes.declare("my.Fuzz", layout);
  if (!declared) {
    require(declared.error().code == core::ErrorCode::invalid_argument && declared.error().offset <= layout.size(),
            "an error of a layout lies in the layout");
    return;
  }
  const bool ascii = (choices & 1U) != 0;
  using namespace std::string_literals;
  const std::string head = ascii ? "4\n1\n3\nV 1\n7\nmy.Fuzz\n"s : "\4\0\0\0\1\0\0\0\3\0\0\0V 1\7\0\0\0my.Fuzz"s;
  const std::string object = head + std::string(input.rest());
  check_payload(object, ascii ? Format::ascii : Format::binary, classes, (choices >> 1U) % (object.size() + 1));
}

}  // namespace
}  // namespace sconce::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sconce::tests::fuzz({data, size});
  return 0;
}
