#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/tensor/tensor_view.h"
#include "proto/formats/dtype.h"

namespace sconce::proto {

/// One tensor of an object that is to be written in a tensor format. Threads: as a value.
struct NamedTensor {
  std::string name;  // by path, joined with `.`; empty for the root
  Dtype dtype = Dtype::u8;
  std::vector<std::int64_t> shape;  // as it will be written; empty: one element, without dimensions
  core::TensorView elements;        // in row-major order the elements of `shape`, of carrier or element type

  std::size_t numbers() const { return shape.size() + elements.sizes.size() + elements.strides.size(); }
};

}  // namespace sconce::proto
