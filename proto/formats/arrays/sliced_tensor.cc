#include "proto/formats/arrays/sliced_tensor.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "core/event/contiguous_tensor.h"

namespace sconce::proto {

namespace {

using core::ErrorCode;
using core::Result;
using core::TensorView;

std::int64_t product_of(std::span<const std::int64_t> sizes) {
  std::int64_t product = 1;
  for (const std::int64_t size : sizes) product *= size;
  return product;
}

/// The stride by which one dimension would have the same elements in the same order; nothing if none does.
std::optional<std::int64_t> stride_as_one(const TensorView& view) {
  std::optional<std::int64_t> stride;
  std::int64_t next = 0;  // the stride of the next dimension outwards
  for (std::size_t d = view.sizes.size(); d-- > 0;) {
    if (view.sizes[d] == 1) continue;
    if (stride && view.strides[d] != next) return std::nullopt;
    if (!stride) stride = view.strides[d];
    next = view.strides[d] * view.sizes[d];
  }
  return stride ? stride : 1;
}

/// The units of an element, as the last dimension.
void add_units(TensorView& view, std::int64_t units, std::int64_t stride) {
  if (units == 1 && !view.sizes.empty()) return;
  view.sizes.push_back(units);
  view.strides.push_back(stride);
}

/// Elements by the sizes of the array. Strides count units, or, where several elements are in a unit, elements.
struct ElementView {
  TensorView view;
  std::int64_t unit_stride = 1;
};

Result<ElementView> by_shape(const NamedTensor& tensor) {
  const Packing packing = packing_of(tensor.dtype);
  ElementView by_shape{.view = tensor.elements};
  TensorView& view = by_shape.view;
  std::vector<std::int64_t> with_units = tensor.shape;
  if (packing.units > 1) with_units.push_back(packing.units);
  if (view.sizes == with_units && packing.elements == 1 && !tensor.shape.empty()) {
    view.sizes.resize(tensor.shape.size());
    if (packing.units > 1) by_shape.unit_stride = view.strides.back();
    view.strides.resize(tensor.shape.size());
    return by_shape;
  }
  const bool is_empty = std::ranges::find(tensor.shape, 0) != tensor.shape.end();
  const std::optional<std::int64_t> stride = is_empty ? 1 : stride_as_one(view);
  if (!stride || (packing.elements > 1 && *stride != 1)) {
    return core::fail(ErrorCode::unrepresentable, "the dimensions of `data` in this " + std::string(kExtensionClass) +
                                                      " are not those of `shape`, so it cannot be sliced");
  }
  by_shape.unit_stride = *stride;
  view.sizes = tensor.shape;
  view.strides = core::contiguous_strides(view.sizes, core::ElementOrder::last_index_first);
  for (std::int64_t& each : view.strides) each *= packing.units * *stride;
  view.first *= packing.elements;
  return by_shape;
}

/// Leaves out dimensions that are no choice.
void drop_ones(TensorView& view) {
  std::size_t kept = 0;
  for (std::size_t d = 0; d < view.sizes.size(); ++d) {
    if (view.sizes[d] == 1) continue;
    view.sizes[kept] = view.sizes[d];
    view.strides[kept++] = view.strides[d];
  }
  view.sizes.resize(kept);
  view.strides.resize(kept);
}

/// Elements of which so many are in a byte, as bytes. Nothing if they do not fill them.
std::optional<TensorView> as_bytes(TensorView view, std::int64_t in_a_byte) {
  const auto is_whole = [in_a_byte](std::int64_t number) { return number % in_a_byte == 0; };
  const std::int64_t count = product_of(view.sizes);
  drop_ones(view);
  if (count == 0 || stride_as_one(view) == 1) {
    view.sizes = {count};
    view.strides = {1};
  }
  if (!is_whole(view.first) || view.sizes.empty() || view.strides.back() != 1 || !is_whole(view.sizes.back())) {
    return std::nullopt;
  }
  const auto outer = std::span(view.strides).first(view.strides.size() - 1);
  if (!std::ranges::all_of(outer, is_whole)) return std::nullopt;
  view.first /= in_a_byte;
  view.sizes.back() /= in_a_byte;
  for (std::int64_t& stride : outer) stride /= in_a_byte;
  return view;
}

}  // namespace

Result<NamedTensor> slice_tensor(const core::Slice& slice, NamedTensor tensor) {
  const Packing packing = packing_of(tensor.dtype);
  if (tensor.elements.sizes.empty()) {  // a tensor of Torch's without elements
    const Result<TensorView> same = core::apply_slice(slice, tensor.elements);
    if (!same) return std::unexpected(same.error());
    return tensor;
  }
  const Result<ElementView> elements = by_shape(tensor);
  if (!elements) return std::unexpected(elements.error());
  Result<TensorView> sliced = core::apply_slice(slice, elements->view);
  if (!sliced) return std::unexpected(std::move(sliced.error()));
  tensor.shape = sliced->sizes;
  if (packing.elements == 1) {
    add_units(*sliced, packing.units, elements->unit_stride);
    tensor.elements = std::move(*sliced);
    return tensor;
  }
  std::optional<TensorView> bytes = as_bytes(std::move(*sliced), packing.elements);
  if (!bytes) {
    return core::fail(ErrorCode::invalid_argument, "the slice cuts a byte: " + std::string(name_of(tensor.dtype)) +
                                                       " has " + std::to_string(packing.elements) +
                                                       " elements in each, which stay together");
  }
  tensor.elements = std::move(*bytes);
  return tensor;
}

}  // namespace sconce::proto
