#pragma once

#include "core/event_producer.h"
#include "proto/object_output.h"

namespace sconce::proto {

/// What needs the object's graph: plain JSON, and Torch's formats with what is shared in full. Writes it at once, once
/// all events have come. Lifetime: `out` is borrowed.
std::unique_ptr<ObjectOutput> held_output(const core::EventsOf& events, ObjectFormat format, core::ByteSink& out,
                                          const OutputLimits& limits);

}  // namespace sconce::proto
