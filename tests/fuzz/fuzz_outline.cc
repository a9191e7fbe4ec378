// An object whose outline is damaged: stored bytes that are not what was written.

#include <memory>
#include <string>

#include "core/outline/object_parts.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/part_visits.h"
#include "tests/fuzz/round_trip.h"

namespace sconce::tests {
namespace {

constexpr std::size_t kPartsChosen = 3;
// As many bytes of an object's outline are changed; with this number there are none, and an outline is given.
constexpr std::size_t kOutlineIsGiven = 15;

/// The outline of the object in `source`, with some bytes changed, or the one that stands in front of the object.
std::string outline_bytes(FuzzInput& input, std::size_t changes) {
  if (changes == kOutlineIsGiven) return std::string(input.text(input.number()));
  const std::string_view changed = input.text(3 * changes);
  const core::Result<Taken> taken = take_in(input.rest(), proto::ObjectFormat::binary, 0);
  if (!taken) return {};
  std::string bytes = core::encode_outline(taken->outline);
  for (std::size_t i = 0; i + 3 <= changed.size(); i += 3) {
    const auto high = static_cast<std::uint8_t>(changed[i]);
    const auto low = static_cast<std::uint8_t>(changed[i + 1]);
    bytes[(high * 256U + low) % bytes.size()] = changed[i + 2];
  }
  return bytes;
}

void fuzz(FuzzInput input) {
  const std::string_view chosen = input.text(kPartsChosen);
  const std::uint8_t choices = input.byte();
  const std::string bytes = outline_bytes(input, choices & 15U);
  const core::Result<core::Outline> outline = core::decode_outline(bytes);
  if (!outline) return;
  const auto again = core::decode_outline(core::encode_outline(*outline));
  require(again && core::encode_outline(*again) == core::encode_outline(*outline),
          "an outline is the same as its bytes");

  // Some bytes at the end may be gone.
  const std::string_view object_bytes =
      input.rest().substr(0, input.rest().size() - input.rest().size() * (choices >> 4U) / 16);
  auto source = std::make_shared<core::MemorySource>(bytes_of(object_bytes));
  auto object =
      core::ObjectParts::open(source, std::make_shared<const core::Outline>(*outline), {.classes = &fuzz_classes()});
  if (object) visit_parts(**object, *outline, chosen, OutlineIs::damaged);
}

}  // namespace
}  // namespace sconce::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sconce::tests::fuzz({data, size});
  return 0;
}
