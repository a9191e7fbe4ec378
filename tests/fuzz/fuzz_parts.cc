// Parts of whatever was accepted, read and written one by one.

#include <memory>

#include "core/outline/part_finder.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/part_visits.h"
#include "tests/fuzz/round_trip.h"

namespace sconce::tests {
namespace {

constexpr std::size_t kPartsChosen = 3;

void fuzz(FuzzInput input) {
  const std::string_view chosen = input.text(kPartsChosen);
  const core::Result<Taken> taken = take_in(input.rest(), proto::ObjectFormat::automatic, input.rest().size());
  if (!taken) return;
  auto source = std::make_shared<core::MemorySource>(bytes_of(taken->canonical));
  auto object = core::ObjectParts::open(source, std::make_shared<const core::Outline>(taken->outline),
                                        {.classes = &fuzz_classes()});
  require(object.has_value() || object.error().code == core::ErrorCode::limit_exceeded,
          "what is taken in can be opened");
  if (!object) return;
  // An object whose indices were not in order is numbered anew, and has another outline.
  const auto outline = core::scan_outline((*object)->source(), fuzz_classes(), (*object)->budget());
  require(outline.has_value(), "what is opened has an outline");
  visit_parts(**object, *outline, chosen, OutlineIs::right);
}

}  // namespace
}  // namespace sconce::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sconce::tests::fuzz({data, size});
  return 0;
}
