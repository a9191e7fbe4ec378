#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/graph/object.h"
#include "proto/formats/dtype.h"

namespace sconce::proto {

/// The array that an instance of sconce.Tensor keeps. Lifetime: `data` lives as long as the object.
struct KeptArray {
  Dtype dtype = Dtype::u8;
  std::vector<std::int64_t> shape;  // empty: one element, without dimensions
  const core::Tensor* data = nullptr;
};

/// Nothing if the instance is of another class, or its fields are not those of an array. Threads: no state.
std::optional<KeptArray> kept_array_of(const core::Instance& instance);

}  // namespace sconce::proto
