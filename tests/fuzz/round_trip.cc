#include "tests/fuzz/round_trip.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/outline/object_parts.h"
#include "core/outline/part_finder.h"
#include "proto/formats/convert/object_importer.h"
#include "proto/formats/convert/object_output.h"
#include "tests/fuzz/fuzz.h"

namespace sconce::tests {

namespace {

using core::ErrorCode;
using core::Result;
using core::Status;
using proto::ObjectFormat;

constexpr std::size_t kOutputBytesMax = std::size_t{4} << 20;

/// A spool in memory.
class MemorySpool final : public core::Spool {
 public:
  Status write(std::span<const std::byte> bytes) override { return sink_.write(bytes); }
  core::ByteSource& source() override { return source_.emplace(bytes_of(sink_.bytes())); }

 private:
  BoundedSink sink_{kOutputBytesMax};
  std::optional<core::MemorySource> source_;
};

/// Of two things that are wrong in one string, where it was cut tells which is named.
bool same(const Result<Taken>& a, const Result<Taken>& b) {
  if (a.has_value() != b.has_value()) return false;
  if (a) return a->canonical == b->canonical && a->outline.parts == b->outline.parts;
  return a.error().code == b.error().code && a.error().offset == b.error().offset && a.error().path == b.error().path;
}

std::string told(const Result<Taken>& taken) {
  return taken ? std::to_string(taken->canonical.size()) + " bytes" : core::to_string(taken.error());
}

/// A whole object by its events: indices stay as they are.
std::string as_json(const Taken& object) {
  core::MemorySource source(bytes_of(object.canonical));
  BoundedSink out(2 * kOutputBytesMax);
  const auto output = proto::begin_whole_output(source, fuzz_classes(), ObjectFormat::json, out);
  while (!output->done()) require(output->advance(), "what was taken in is written as json");
  return out.bytes();
}

/// Outputs may refuse what is read, but only for these.
bool may_refuse(const core::Error& error) {
  return error.code == ErrorCode::unrepresentable || error.code == ErrorCode::limit_exceeded;
}

}  // namespace

const core::ClassLayouts& fuzz_classes() {
  static const core::ClassLayouts classes = [] {
    core::ClassLayouts all;
    require(all.declare_all("my.Sparse: int:n long[n] double[n] object\nmy.Empty:\nmy.Pairs: byte half[3] pair[2]\n"
                            "my.Groups: double:n (float (object)[2])[n] object:m long[m]\nmy.Versions V 2+: int\n"),
            "the layouts can be read");
    return all;
  }();
  return classes;
}

Result<Taken> take_in(std::string_view input, ObjectFormat format, std::size_t split) {
  BoundedSink out(kOutputBytesMax);
  proto::ImportRequest request{.format = format,
                               .read = {.limits = modest_limits(), .classes = &fuzz_classes()},
                               .spool = [] { return std::make_unique<MemorySpool>(); },
                               .elements_bytes_max = kOutputBytesMax};
  proto::ObjectImporter intake(request, out);
  for (const std::string_view piece : {input.substr(0, split), input.substr(std::min(split, input.size()))}) {
    if (Status put = intake.put(bytes_of(piece)); !put) return std::unexpected(std::move(put.error()));
  }
  if (Status finished = intake.finish(); !finished) return std::unexpected(std::move(finished.error()));
  return Taken{out.bytes(), intake.take_outline()};
}

std::optional<std::string> write_out(const Taken& object, ObjectFormat format) {
  auto source = std::make_shared<core::MemorySource>(bytes_of(object.canonical));
  auto parts = core::ObjectParts::open(source, std::make_shared<const core::Outline>(object.outline),
                                       {.classes = &fuzz_classes()});
  require(parts.has_value(), "an object that was taken in can be opened");
  BoundedSink out(kOutputBytesMax);
  auto output = proto::begin_output(**parts, {.format = format}, out,
                                    {.held_bytes_max = kOutputBytesMax, .expanded_bytes_max = kOutputBytesMax});
  Status written = output ? Status() : std::unexpected(output.error());
  while (written && !(*output)->done()) written = (*output)->advance();
  if (written) return out.bytes();
  require(may_refuse(written.error()), "what is written is refused rightly: " + core::to_string(written.error()));
  return std::nullopt;
}

void check_json(const Taken& object) {
  const Result<Taken> again = take_in(as_json(object), ObjectFormat::json, 0);
  require(again.has_value(), "json that was written can be read");
  require(again->canonical == object.canonical, "json keeps all of an object");
}

void check_outline(const Taken& object) {
  const auto decoded = core::decode_outline(core::encode_outline(object.outline));
  require(decoded && decoded->parts == object.outline.parts && decoded->in_order == object.outline.in_order,
          "an outline is the same as its bytes");
  core::MemorySource source(bytes_of(object.canonical));
  core::Budget budget;
  const auto scanned = core::scan_outline(source, fuzz_classes(), budget);
  require(scanned && scanned->parts == object.outline.parts && scanned->in_order == object.outline.in_order,
          "an outline is what is read of the bytes");
}

void check_round_trip(std::string_view input, ObjectFormat format, std::size_t split) {
  const Result<Taken> taken = take_in(input, format, input.size());
  const Result<Taken> in_two = take_in(input, format, split);
  require(same(taken, in_two), "two pieces give the same as one: " + told(in_two) + ", and " + told(taken));
  if (!taken) return;
  check_outline(*taken);
  const std::optional<std::string> written = write_out(*taken, format);
  if (!written) return;
  const Result<Taken> again = take_in(*written, format, split);
  require(again.has_value(), "what is written can be read");
  require(write_out(*again, format) == written, "what is read again is written as the same bytes");
}

}  // namespace sconce::tests
