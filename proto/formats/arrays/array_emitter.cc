#include "proto/formats/arrays/array_emitter.h"

#include <algorithm>
#include <limits>
#include <string>

#include "core/event/contiguous_tensor.h"
#include "core/exact_integer.h"
#include "core/limits.h"

namespace sconce::proto {

namespace {

using core::ErrorCode;
using core::Status;
namespace event = core::event;

constexpr std::string_view kVersion = "V 1";
// A Lua number holds no larger one exactly, and no array has it.
constexpr auto kSizeMax = static_cast<std::int64_t>(core::kExactIntegerMax);
constexpr std::size_t kSwapBytesMax = std::size_t{16} << 10;

Status emit_all(core::EventSink& sink, std::span<const core::Event> events) {
  for (const core::Event& event : events) {
    if (Status taken = sink.on(event); !taken) return taken;
  }
  return {};
}

std::int64_t product_of(std::span<const std::int64_t> sizes) {
  std::int64_t product = 1;
  for (const std::int64_t size : sizes) product *= size;
  return product;
}

}  // namespace

core::Result<std::uint64_t> size_bytes_of(const ArrayDescriptor& form) {
  constexpr std::int32_t kDimensionsMax = core::ReadLimits().dimensions_max;
  if (form.shape.size() > static_cast<std::size_t>(kDimensionsMax)) {
    return core::fail(ErrorCode::limit_exceeded, "an array has " + std::to_string(form.shape.size()) +
                                                     " dimensions, more than " + std::to_string(kDimensionsMax));
  }
  const Packing packing = packing_of(form.dtype);
  const auto bytes_of_units = static_cast<std::int64_t>(size_bytes_of(form.dtype));
  std::int64_t product = 1;
  bool is_empty = false;
  for (const std::int64_t size : form.shape) {
    if (size < 0 || size > kSizeMax) {
      return core::fail(ErrorCode::malformed, "an array has the size " + std::to_string(size));
    }
    is_empty = is_empty || size == 0;
    if (size == 0) continue;
    if (product > std::numeric_limits<std::int64_t>::max() / bytes_of_units / size) {
      return core::fail(ErrorCode::malformed, "the sizes of an array multiply to more than any memory");
    }
    product *= size;
  }
  if (is_empty) return 0;
  if (product % packing.elements != 0) {
    return core::fail(ErrorCode::malformed, "the elements of an array of " + std::string(name_of(form.dtype)) + ", " +
                                                std::to_string(packing.elements) +
                                                " in a byte, do not fill whole bytes: " + std::to_string(product));
  }
  return static_cast<std::uint64_t>(product / packing.elements * bytes_of_units);
}

Status emit_string(core::EventSink& sink, std::string_view text) {
  if (text.size() <= core::kInlineStringBytesMax)
    return sink.on(event::String{.size_bytes = text.size(), .bytes = text});
  if (Status begun = sink.on(event::String{.size_bytes = text.size(), .bytes = {}}); !begun) return begun;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, core::kInlineStringBytesMax);
    if (Status taken = sink.on(event::Bytes{part}); !taken) return taken;
    text.remove_prefix(part.size());
  }
  return {};
}

Status ArrayEvents::begin(const ArrayDescriptor& form) {
  type_ = carrier_of(form.dtype);
  width_ = core::size_bytes_of(type_);
  is_swapped_ = form.is_big_endian && width_ > 1;
  is_extension_ = !element_type_of(form.dtype) || form.shape.empty();
  const Packing packing = packing_of(form.dtype);
  const std::int64_t units = product_of(form.shape) / packing.elements * packing.units;
  left_bytes_ = static_cast<std::uint64_t>(units) * width_;
  Status begun = is_extension_ ? begin_extension(form) : begin_tensor(type_, form.shape, form.is_fortran);
  if (!begun || left_bytes_ > 0) return begun;
  return end();
}

Status ArrayEvents::begin_extension(const ArrayDescriptor& form) {
  const std::string_view name = name_of(form.dtype);
  const auto dimensions = static_cast<std::int32_t>(form.shape.size());
  std::vector<core::Event> events = {
      event::Instance{.index = take_index(), .header = {.version = kVersion, .name = kExtensionClass}},
      event::Table{.index = take_index(), .count = 3},
      event::String{.size_bytes = 5, .bytes = "dtype"},
      event::String{.size_bytes = name.size(), .bytes = name},
      event::String{.size_bytes = 5, .bytes = "shape"},
      event::Table{.index = take_index(), .count = dimensions},
  };
  for (std::int32_t d = 0; d < dimensions; ++d) {
    events.emplace_back(event::Number{static_cast<double>(d + 1)});
    events.emplace_back(event::Number{static_cast<double>(form.shape[static_cast<std::size_t>(d)])});
  }
  events.emplace_back(event::End{});
  events.emplace_back(event::String{.size_bytes = 4, .bytes = "data"});
  if (Status taken = emit_all(sink_, events); !taken) return taken;
  if (!form.is_fortran || form.shape.size() < 2)
    return begin_tensor(type_, std::vector{static_cast<std::int64_t>(left_bytes_ / width_)}, false);
  if (packing_of(form.dtype).units == 1) return begin_tensor(type_, form.shape, true);
  return begin_fortran_units(form);
}

Status ArrayEvents::begin_tensor(core::ElementType type, std::span<const std::int64_t> sizes, bool is_fortran) {
  const std::int32_t index = take_index();
  const std::int32_t storage_index = take_index();
  return core::begin_contiguous_tensor(
      sink_,
      {.tensor_class = {type, core::Device::cpu},
       .sizes = sizes,
       .order = is_fortran ? core::ElementOrder::first_index_first : core::ElementOrder::last_index_first,
       .index = index,
       .storage_index = storage_index},
      product_of(sizes));
}

/// The units of an element lie together, so they are the dimension that is fastest in the storage, and the last one.
Status ArrayEvents::begin_fortran_units(const ArrayDescriptor& form) {
  const std::int64_t units = packing_of(form.dtype).units;
  std::vector<std::int64_t> sizes = form.shape;
  std::vector<std::int64_t> strides = core::contiguous_strides(form.shape, core::ElementOrder::first_index_first);
  for (std::int64_t& stride : strides) stride *= units;
  sizes.push_back(units);
  strides.push_back(1);
  const std::int32_t index = take_index();
  const std::int32_t storage_index = take_index();
  return core::begin_tensor(
      sink_,
      {.tensor_class = {type_, core::Device::cpu}, .sizes = sizes, .index = index, .storage_index = storage_index},
      strides, static_cast<std::int64_t>(left_bytes_ / width_));
}

Status ArrayEvents::end() {
  if (Status ended = core::end_contiguous_tensor(sink_); !ended || !is_extension_) return ended;
  return emit_all(sink_, std::array<core::Event, 2>{event::End{}, event::End{}});
}

core::Result<std::size_t> ArrayEvents::put(std::span<const std::byte> bytes) {
  bytes = bytes.first(std::min<std::uint64_t>(bytes.size(), left_bytes_));
  const std::size_t taken = bytes.size();
  if (taken == 0) return taken;
  left_bytes_ -= taken;
  if (cut_bytes_ > 0) {
    const std::size_t more = std::min(bytes.size(), width_ - cut_bytes_);
    std::ranges::copy(bytes.first(more), cut_.begin() + static_cast<std::ptrdiff_t>(cut_bytes_));
    cut_bytes_ += more;
    bytes = bytes.subspan(more);
    if (cut_bytes_ < width_) return taken;
    cut_bytes_ = 0;
    if (Status passed = pass_on(std::span(cut_).first(width_)); !passed) return std::unexpected(passed.error());
  }
  const std::size_t whole = bytes.size() / width_ * width_;
  cut_bytes_ = bytes.size() - whole;
  std::ranges::copy(bytes.subspan(whole), cut_.begin());
  if (Status passed = pass_on(bytes.first(whole)); !passed) return std::unexpected(passed.error());
  if (left_bytes_ > 0) return taken;
  if (Status ended = end(); !ended) return std::unexpected(ended.error());
  return taken;
}

Status ArrayEvents::pass_on(std::span<const std::byte> elements) {
  if (elements.empty()) return {};
  if (is_swapped_) return pass_on_swapped(elements);
  return sink_.on(event::Elements{.type = type_, .bytes = elements});
}

Status ArrayEvents::pass_on_swapped(std::span<const std::byte> elements) {
  std::vector<std::byte> swapped;
  while (!elements.empty()) {
    const auto part = elements.first(std::min(elements.size(), kSwapBytesMax));
    swapped.assign(part.begin(), part.end());
    for (auto element = swapped.begin(); element != swapped.end();) {
      const auto next = element + static_cast<std::ptrdiff_t>(width_);
      std::reverse(element, next);
      element = next;
    }
    if (Status taken = sink_.on(event::Elements{.type = type_, .bytes = swapped}); !taken) return taken;
    elements = elements.subspan(part.size());
  }
  return {};
}

}  // namespace sconce::proto
