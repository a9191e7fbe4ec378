#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/object_parts.h"
#include "proto/tensor_leaf.h"

namespace sconce::proto {

/// The tensors of an object, as the formats that know nothing but tensors take them.
struct TensorLeaves {
  std::vector<TensorLeaf> leaves;                             // in the order of the object's bytes
  std::vector<std::pair<std::string, std::string>> metadata;  // of `__metadata__` in the root
};

/// Stops tables that share one another from becoming 2^n tensors.
inline constexpr std::size_t kLeavesMax = 1'000'000;

/// Errors: unrepresentable, naming the first part that is neither a tensor nor holds any, and cycles; limit_exceeded;
/// the finder's.
core::Result<TensorLeaves> tensor_leaves(core::ObjectParts& object, core::FoundPart root);

/// Whether a part is one tensor, of Torch's or a sconce.Tensor.
inline bool is_tensor_leaf(const core::OutlinePart& part) {
  return part.kind == core::PartKind::tensor || part.class_name == kExtensionClass;
}

/// A part that is one tensor. Errors: unrepresentable, if it is none; the finder's.
core::Result<TensorLeaf> tensor_leaf(core::ObjectParts& object, core::FoundPart part);

/// The bytes of a string. Errors: the source's.
core::Result<std::string> read_string(core::ByteSource& source, const core::OutlinePart& string);

}  // namespace sconce::proto
