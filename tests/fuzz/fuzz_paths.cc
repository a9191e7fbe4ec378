// Paths and slices.

#include "core/graph/tensor.h"
#include "core/tensor/slice.h"
#include "core/text/path.h"
#include "tests/fuzz/fuzz.h"

namespace sconce::tests {
namespace {

/// All of it, however long its keys are.
std::string text_of(const core::Path& path) {
  std::string text;
  for (const core::PathStep& step : path.steps) core::append_step(text, step, SIZE_MAX);
  return text;
}

void check_path(std::string_view text) {
  const core::Result<core::Path> path = core::parse_path(text);
  if (!path) {
    require(
        path.error().code == core::ErrorCode::invalid_argument && path.error().offset.value_or(~0ULL) <= text.size(),
        "an error of a path lies in the path");
    return;
  }
  const std::string written = text_of(*path);
  const core::Result<core::Path> again = core::parse_path(written);
  require(again.has_value() && text_of(*again) == written, "a path is the same as its text");
  require(core::to_string(*path).size() <= written.size() + 8 * path->steps.size(), "a path is cut, if anything");
}

void check_slice(std::string_view text) {
  const core::Result<core::Slice> slice = core::parse_slice(text);
  if (!slice) {
    require(slice.error().offset.value_or(~0ULL) <= text.size(), "an error of a slice lies in the slice");
    return;
  }
  for (const std::vector<std::int64_t>& sizes : {std::vector<std::int64_t>{}, {5}, {3, 4}, {2, 0, 3}, {1, 2, 3, 2}}) {
    const core::TensorView view{
        .type = core::ElementType::u8, .sizes = sizes, .strides = std::vector<std::int64_t>(sizes.size(), 1)};
    const core::Result<core::TensorView> taken = core::apply_slice(*slice, view);
    if (!taken) continue;
    // Its elements are among those of the view.
    require(core::check_geometry(taken->sizes, taken->strides, taken->first + 1, 16).has_value(),
            "a slice lies in its tensor");
    require(taken->size_bytes() <= view.size_bytes(), "a slice is not larger than its tensor");
  }
}

}  // namespace
}  // namespace sconce::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  sconce::tests::check_path(text);
  sconce::tests::check_slice(text);
  return 0;
}
