#pragma once

#include <cstdint>

#include "core/event/event.h"

namespace sconce::core {

/// Passes events on with the indices 1, 2, 3, … in the order of the definitions, so that what was read with
/// `referenced` false can be read with `referenced` true. Torch writes these indices itself; nothing has to be
/// remembered. Errors: limit_exceeded, when there are no more indices; those of `next`.
///
/// Lifetime: `next` is borrowed. Threads: one at a time.
class DistinctIndices final : public EventSink {
 public:
  explicit DistinctIndices(EventSink& next) : next_(next) {}
  Status on(const Event& event) override;

 private:
  template <class Definition>
  Status pass_on(Definition definition);

  EventSink& next_;
  std::int32_t last_ = 0;
};

}  // namespace sconce::core
