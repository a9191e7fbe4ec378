#include "proto/formats/kept_array.h"

#include <cmath>
#include <limits>

#include "core/exact_integer.h"
#include "core/limits.h"

namespace sconce::proto {

namespace {

/// The sizes under the keys 1..n of a table that has n pairs.
std::optional<std::vector<std::int64_t>> sizes_of(const core::Table& table) {
  if (table.size() > static_cast<std::size_t>(core::ReadLimits().dimensions_max)) return std::nullopt;
  std::vector<std::int64_t> sizes;
  for (std::size_t d = 1; d <= table.size(); ++d) {
    const auto size = table[static_cast<int>(d)].number();
    if (!size || !(*size >= 0 && *size < core::kExactIntegerMax) || std::trunc(*size) != *size) return std::nullopt;
    sizes.push_back(static_cast<std::int64_t>(*size));
  }
  return sizes;
}

/// Nothing if they multiply to more than int64.
std::optional<std::int64_t> count_of(const std::vector<std::int64_t>& sizes) {
  std::int64_t product = 1;
  bool is_empty = false;
  for (const std::int64_t size : sizes) {
    is_empty = is_empty || size == 0;
    if (size == 0) continue;
    if (product > std::numeric_limits<std::int64_t>::max() / size) return std::nullopt;
    product *= size;
  }
  return is_empty ? 0 : product;
}

/// Whether so many elements of the carrier are those of an array of this shape.
bool fills_shape(Dtype dtype, const std::vector<std::int64_t>& shape, std::int64_t units) {
  const Packing packing = packing_of(dtype);
  const auto count = count_of(shape);
  return count && *count % packing.elements == 0 && units % packing.units == 0 &&
         *count / packing.elements == units / packing.units;
}

}  // namespace

std::optional<KeptArray> kept_array_of(const core::Instance& instance) {
  if (instance.class_name() != kExtensionClass) return std::nullopt;
  const core::Value name = instance["dtype"];
  const core::Value shape = instance["shape"];
  const core::Value data = instance["data"];
  if (!name.string() || shape.table() == nullptr || data.tensor() == nullptr) return std::nullopt;
  const auto dtype = dtype_from_name(*name.string());
  auto sizes = sizes_of(*shape.table());
  if (!dtype || !sizes || data.tensor()->type() != carrier_of(*dtype)) return std::nullopt;
  const auto units = data.tensor()->sizes().empty()
                         ? std::optional<std::int64_t>(0)
                         : count_of({data.tensor()->sizes().begin(), data.tensor()->sizes().end()});
  if (!units || !fills_shape(*dtype, *sizes, *units)) return std::nullopt;
  return KeptArray{.dtype = *dtype, .shape = std::move(*sizes), .data = data.tensor()};
}

}  // namespace sconce::proto
