#pragma once

#include "core/budget.h"
#include "core/event/event_producer.h"
#include "proto/formats/convert/object_output.h"

namespace sconce::proto {

/// What needs the object's graph: plain JSON, and Torch's formats with what is shared in full. Writes it at once, once
/// all events have come. Both are drawn from the budget, since either may be in vain. Lifetime: `out` and `budget` are
/// borrowed. Threads: as ObjectOutput.
std::unique_ptr<ObjectOutput> in_memory_output(const core::ProducerFactory& events, ObjectFormat format,
                                               core::ByteSink& out, const OutputLimits& limits, core::Budget& budget);

}  // namespace sconce::proto
