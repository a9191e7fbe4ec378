#pragma once

#include <memory>

#include "proto/object_output.h"
#include "proto/tensor_leaves.h"

namespace sconce::proto {

/// Tensors in npy (exactly one), npz or safetensors. Lifetime: `source` and `out` are borrowed. Errors:
/// unrepresentable, before anything is written.
core::Result<std::unique_ptr<ObjectOutput>> begin_tensor_output(core::ByteSource& source, TensorLeaves leaves,
                                                                ObjectFormat format, core::ByteSink& out);

}  // namespace sconce::proto
