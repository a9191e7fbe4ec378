#pragma once

#include <functional>
#include <memory>

#include "core/event/event.h"

namespace sconce::core {

/// Produces the events of one object, some at a time. Threads: one at a time.
class EventProducer {
 public:
  virtual ~EventProducer() = default;
  /// Produces the next ones. Errors: the producer's, and the sink's. After an error it is over.
  virtual Status advance() = 0;
  virtual bool done() const = 0;
};

/// Makes a producer for a sink, which it borrows.
using ProducerFactory = std::function<std::unique_ptr<EventProducer>(EventSink&)>;

}  // namespace sconce::core
