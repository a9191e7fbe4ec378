#pragma once

#include <cstddef>
#include <cstdint>

#include "core/error.h"
#include "core/event/event.h"
#include "core/graph/object.h"

namespace sconce::core {

struct WalkOptions {
  /// False: every occurrence of a shared part is produced in full, as Torch's `referenced(false)` does.
  bool referenced = true;
  /// Parts produced with `referenced` false. Stops a few kilobytes of tables that share one another from becoming 2^n.
  std::uint64_t expanded_parts_max = 100'000'000;
  /// Bytes of elements and strings produced with `referenced` false. Stops one shared storage from becoming thousands.
  std::uint64_t expanded_bytes_max = std::uint64_t{1} << 36;
};

/// Produces the events of a value, numbering objects 1, 2, 3, … in the order in which Torch would.
/// Lifetime: both are borrowed for the call. Threads: safe from many, on different sinks.
/// Errors: unrepresentable (a cycle with `referenced` false), limit_exceeded, and the sink's, each with the path.
Status walk(const Value& value, EventSink& sink, const WalkOptions& options = {});

}  // namespace sconce::core
