#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/budget.h"
#include "core/tensor/concatenated_tensors.h"
#include "proto/formats/convert/object_output.h"
#include "proto/formats/dtype.h"

namespace sconce::proto {

/// A tensor that is to be written, of as many others as it is stacked of.
struct OutputTensor {
  std::string name;
  Dtype dtype = Dtype::u8;
  std::vector<std::int64_t> shape;
  std::vector<core::ConcatenatedTensors::Item> elements;  // in row-major order those of `shape`
};

/// Tensors by name, and strings that go along, as the formats of tensors take them.
struct OutputTensors {
  std::vector<OutputTensor> tensors;
  std::vector<std::pair<std::string, std::string>> metadata = {};
  core::Held held = {};  // for all of it
};

/// Lifetime: `out` and the sources are borrowed. Threads: as ObjectOutput. Errors: unrepresentable, limit_exceeded.
core::Result<std::unique_ptr<ObjectOutput>> npy_output(OutputTensor tensor, core::ByteSink& out);
core::Result<std::unique_ptr<ObjectOutput>> safetensors_output(OutputTensors tensors, core::ByteSink& out);
core::Result<std::unique_ptr<ObjectOutput>> npz_output(OutputTensors tensors, core::ByteSink& out);

}  // namespace sconce::proto
