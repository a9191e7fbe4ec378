#pragma once

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/outline/object_parts.h"
#include "proto/formats/arrays/named_tensor.h"

namespace sconce::proto {

/// Parts that one object may be written of in the formats of tensors; what is shared counts each time. Stops tables
/// that share one another from becoming 2^n parts. A part takes about 300 bytes while it is written.
inline constexpr std::size_t kLeafPartsMax = 400'000;

/// Whether a part is one tensor, of Torch's or a sconce.Tensor.
inline bool is_tensor_part(const core::OutlinePart& part) {
  return part.kind == core::PartKind::tensor || part.class_name == kExtensionClass;
}

/// Parts in outlines that hold all of them. Lifetime: the object is borrowed. Threads: one at a time.
class WholeParts {
 public:
  explicit WholeParts(core::ObjectParts& object) : object_(object), held_(object.budget()) {}

  /// The same part where all of it is held: in the outline that has it, or else in one that is made, once.
  /// Lifetime: until this goes. Errors: limit_exceeded, corrupt; the source's.
  core::Result<core::FoundPart> whole(core::FoundPart part);

 private:
  core::Result<core::FoundPart> find_whole(core::FoundPart part);

  core::ObjectParts& object_;
  core::Held held_;
  std::deque<core::Outline> scanned_;
  std::unordered_map<std::uint64_t, core::FoundPart> known_;  // by where they begin
};

/// A part that is one tensor. Threads: as ObjectParts. Errors: unrepresentable, if it is not one; limit_exceeded,
/// corrupt; the finder's.
core::Result<NamedTensor> tensor_of_part(core::ObjectParts& object, core::FoundPart part, WholeParts& parts);

/// The array of a part that is a sconce.Tensor; nothing if its fields are not those of one, or the outline lacks some
/// of them. Errors: limit_exceeded, corrupt; the source's.
core::Result<std::optional<NamedTensor>> kept_array_in(core::ObjectParts& object, core::FoundPart part);

/// The type of scalars that the class of an instance writes into its payload, and that no part says: all but the count
/// of its objects or pairs (tds.Hash, tds.Vec). Nothing for a class that writes objects alone, or nothing. Errors:
/// limit_exceeded, corrupt; the source's.
core::Result<std::optional<core::ElementType>> payload_scalars(core::ObjectParts& object,
                                                               const core::OutlinePart& instance);

/// The bytes of a string. Errors: limit_exceeded (a string too long for a name or a header), corrupt; the source's.
core::Result<std::string> read_string(core::ByteSource& source, const core::OutlinePart& string);

}  // namespace sconce::proto
