#include "tests/fuzz/part_visits.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "core/outline/part_reader.h"
#include "core/tensor/slice.h"
#include "core/text/path.h"
#include "core/torch7/event_writer.h"
#include "proto/formats/convert/object_output.h"
#include "proto/formats/json/outline_json.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/round_trip.h"

namespace sconce::tests {

namespace {

using core::ErrorCode;
using core::FoundPart;
using core::Result;
using core::Status;
using proto::ObjectFormat;

constexpr std::size_t kOutputBytesMax = std::size_t{1} << 20;
constexpr std::uint64_t kElementBytesMax = std::uint64_t{64} << 20;
// Pieces of one output; a part without end would have more.
constexpr std::size_t kPiecesMax = 1'000'000;

bool may_refuse(const core::Error& error) {
  return error.code == ErrorCode::limit_exceeded || error.code == ErrorCode::unrepresentable;
}

/// The path of a part; nothing where none leads to it.
std::optional<core::Path> path_of(const core::Outline& outline, std::size_t number) {
  core::Path path;
  for (; number != 0; number = outline.parts[number].parent) {
    const core::PartKey& key = outline.parts[number].key;
    if (std::holds_alternative<std::monostate>(key)) return std::nullopt;
    if (const auto* name = std::get_if<std::string>(&key)) path.steps.emplace_back(*name);
    if (const auto* number_key = std::get_if<double>(&key)) path.steps.emplace_back(*number_key);
    if (const auto* boolean = std::get_if<bool>(&key)) path.steps.emplace_back(*boolean);
    if (const auto* index = std::get_if<core::KeyIndex>(&key)) path.steps.emplace_back(*index);
  }
  std::ranges::reverse(path.steps);
  return path;
}

/// Whether the path of a part leads to it. Torch writes each key once, but input may have it again, and of equal keys
/// the last counts: no path leads to the others, nor to what is in them.
bool is_led_to(const core::Outline& outline, std::size_t number) {
  for (; number != 0; number = outline.parts[number].parent) {
    const core::OutlinePart& part = outline.parts[number];
    if (!outline.parts[part.parent].complete) return false;  // what the outline has no room for may have the key
    for (std::size_t later = number + 1; later < outline.parts.size(); ++later) {
      if (outline.parts[later].parent == part.parent && outline.parts[later].key == part.key) return false;
    }
  }
  return true;
}

/// Whether what was found is the part, or what it refers to.
bool is_part(const core::OutlinePart& found, const core::OutlinePart& part) {
  return part.kind == core::PartKind::reference ? found.index == part.index && found.kind != part.kind
                                                : found.offset_bytes == part.offset_bytes && found.kind == part.kind;
}

/// Visits one part after the other.
class Visits {
 public:
  Visits(core::ObjectParts& object, const core::Outline& outline, OutlineIs outline_is)
      : object_(object), outline_(outline), right_(outline_is == OutlineIs::right) {}

  void visit(std::size_t number) {
    const core::OutlinePart& part = outline_.parts[number];
    read(part);
    if (part.kind == core::PartKind::tensor) view(part);
    if (part.index != 0) (void)object_.finder().definition(part.index);  // of a damaged outline it may be none
    const std::optional<core::Path> path = path_of(outline_, number);
    if (!path) return;
    find(number, *path);
    const Result<std::string> told =
        proto::outline_json({&outline_, static_cast<std::uint32_t>(number)}, {.path = *path});
    require(told || may_refuse(told.error()), "an outline can be told");
    for (const ObjectFormat format : {ObjectFormat::binary, ObjectFormat::npy, ObjectFormat::npz,
                                      ObjectFormat::safetensors, ObjectFormat::plain_json}) {
      write(*path, std::nullopt, format);
    }
    write(*path, core::parse_slice("...,::-2").value(), ObjectFormat::npy);
    write(*path, core::parse_slice("0").value(), ObjectFormat::json);
  }

 private:
  void find(std::size_t number, const core::Path& path) {
    const Result<FoundPart> found = object_.finder().find(path);
    if (!right_) return;
    const bool is_led = is_led_to(outline_, number);
    const bool is_not_there = !is_led && !found && found.error().code == ErrorCode::not_found;
    require(found || may_refuse(found.error()) || is_not_there, "a part of the outline is found by its path");
    require(!found || !is_led || is_part(**found, outline_.parts[number]), "a path finds its part, and no other");
  }

  /// The part as an object of its own can be read, and is canonical.
  void read(const core::OutlinePart& part) {
    BoundedSink out(kOutputBytesMax);
    core::EventWriter writer(core::Format::binary, out);
    core::PartReader reader(object_.source(), object_.finder(), object_.classes(), part, writer, modest_limits());
    Status status;
    for (std::size_t pieces = 0; status && !reader.done(); ++pieces) {
      require(pieces < kPiecesMax, "reading a part ends");
      status = reader.advance();
    }
    if (status) status = writer.finish();
    require(!right_ || status || may_refuse(status.error()), "a part can be read");
    if (!right_ || !status) return;
    const Result<Taken> taken = take_in(out.bytes(), ObjectFormat::binary, 0);
    require(taken && taken->canonical == out.bytes(), "a part is an object of its own");
    require(taken->outline.in_order, "a part has its indices in order");
  }

  void view(const core::OutlinePart& tensor) {
    const Result<core::TensorView> view = object_.finder().view_of(tensor);
    require(!right_ || view || may_refuse(view.error()), "a tensor's elements can be found");
    if (!view || view->size_bytes() > kElementBytesMax) return;
    core::StridedReader gather(object_.source(), *view, 4096);
    std::uint64_t size_bytes = 0;
    while (true) {
      const auto elements = gather.next();
      require(elements.has_value(), "a tensor's elements lie in the bytes");
      if (elements->empty()) break;
      size_bytes += elements->size();
    }
    require(size_bytes == view->size_bytes(), "a tensor has as many elements as it says");
  }

  void write(const core::Path& path, const std::optional<core::Slice>& slice, ObjectFormat format) {
    BoundedSink out(kOutputBytesMax);
    const auto output = proto::begin_output(object_, {.format = format, .path = path, .slice = slice}, out,
                                            {.held_bytes_max = kOutputBytesMax, .expanded_bytes_max = kOutputBytesMax});
    if (!output) return;
    Status status;
    for (std::size_t pieces = 0; status && !(*output)->done(); ++pieces) {
      require(pieces < kPiecesMax, "writing a part ends");
      status = (*output)->advance();
    }
    require(!right_ || status || may_refuse(status.error()), "a part can be written");
    const auto size_bytes = (*output)->size_bytes();
    require(!status || !size_bytes || *size_bytes == out.bytes().size(), "an output has the size that it says");
  }

  core::ObjectParts& object_;
  const core::Outline& outline_;
  const bool right_;
};

}  // namespace

void visit_parts(core::ObjectParts& object, const core::Outline& outline, std::string_view chosen,
                 OutlineIs outline_is) {
  Visits visits(object, outline, outline_is);
  for (const char byte : chosen) visits.visit(static_cast<std::uint8_t>(byte) % outline.parts.size());
}

}  // namespace sconce::tests
