#pragma once

#include "core/event/event.h"

namespace sconce::core {

/// Takes every event and keeps nothing: what is read into it has only been validated. Threads: no state.
/// Errors: none.
class NullSink final : public EventSink {
 public:
  Status on(const Event&) override { return {}; }
};

}  // namespace sconce::core
