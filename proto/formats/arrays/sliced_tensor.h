#pragma once

#include "core/error.h"
#include "core/tensor/slice.h"
#include "proto/formats/arrays/named_tensor.h"

namespace sconce::proto {

/// The elements of `tensor` that a slice selects, whatever their dtype: numpy's, by `shape`. Threads: no state. Errors:
/// invalid_argument (a slice that does not fit, or cuts a byte that holds several elements); unrepresentable (`data` of
/// a sconce.Tensor whose dimensions have nothing to do with `shape`).
core::Result<NamedTensor> slice_tensor(const core::Slice& slice, NamedTensor tensor);

}  // namespace sconce::proto
