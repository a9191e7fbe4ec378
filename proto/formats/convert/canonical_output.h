#pragma once

#include <functional>
#include <memory>

#include "core/bytes/byte_sink.h"
#include "core/bytes/byte_source.h"
#include "core/classes/class_layout.h"
#include "core/outline/object_parts.h"
#include "proto/formats/convert/object_output.h"

namespace sconce::proto {

/// An object's canonical bytes, and what opens its parts if they are needed.
struct CanonicalBytes {
  std::shared_ptr<core::ByteSource> source;
  std::function<core::Result<std::shared_ptr<core::ObjectParts>>()> open_parts;
};

/// Whether an object is written by events, from the first byte to the last: no part has to be found.
bool is_whole(const OutputPlan& plan);

/// Writes what the plan says, and keeps what it needs of the object. Lifetime: `classes` and `out` are borrowed.
/// Threads: as ObjectOutput. Errors: those of `open_parts`, and as begin_output.
core::Result<std::unique_ptr<ObjectOutput>> begin_canonical_output(const CanonicalBytes& object, const OutputPlan& plan,
                                                                   const core::ClassLayouts& classes,
                                                                   core::ByteSink& out, const OutputLimits& limits);

}  // namespace sconce::proto
