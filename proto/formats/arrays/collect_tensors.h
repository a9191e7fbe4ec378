#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/outline/object_parts.h"
#include "proto/formats/arrays/named_tensor.h"

namespace sconce::proto {

/// The tensors of an object, as the formats that know nothing but tensors take them.
struct CollectedTensors {
  std::vector<NamedTensor> tensors;                           // in the order of the object's bytes
  std::vector<std::pair<std::string, std::string>> metadata;  // of `__metadata__` in the root
  core::Held held;                                            // for them, and what is made of them
};

/// `path` is that of the root, for errors. Lifetime: the budget of `object` outlives the result. Threads: as
/// ObjectParts. Errors: unrepresentable, naming the first part that is neither a tensor nor holds any, and cycles;
/// limit_exceeded (kLeafPartsMax, names of 64 MiB together, the budget); corrupt; the finder's.
core::Result<CollectedTensors> collect_tensors(core::ObjectParts& object, core::FoundPart root, const core::Path& path);

}  // namespace sconce::proto
