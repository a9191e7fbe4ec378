#pragma once

#include <deque>
#include <string>

#include "core/object_parts.h"
#include "proto/tensor_leaf.h"

namespace sconce::proto {

/// Parts that one object may be written of in the formats of tensors; what is shared counts each time. Stops tables
/// that share one another from becoming 2^n parts. A part takes about 300 bytes while it is written.
inline constexpr std::size_t kLeafPartsMax = 400'000;

/// Whether a part is one tensor, of Torch's or a sconce.Tensor.
inline bool is_tensor_leaf(const core::OutlinePart& part) {
  return part.kind == core::PartKind::tensor || part.class_name == kExtensionClass;
}

/// A part that is one tensor. Errors: unrepresentable, if it is none; limit_exceeded; the finder's.
core::Result<TensorLeaf> tensor_leaf(core::ObjectParts& object, core::FoundPart part);

/// The bytes of a string. Errors: limit_exceeded (a string too long for a name or a header); the source's.
core::Result<std::string> read_string(core::ByteSource& source, const core::OutlinePart& string);

/// The same part in an outline that holds all of it: the one in which it stands, or else one that is made in `scanned`.
/// Errors: limit_exceeded; the source's.
core::Result<core::FoundPart> completed(core::ObjectParts& object, core::FoundPart part,
                                        std::deque<core::Outline>& scanned);

}  // namespace sconce::proto
