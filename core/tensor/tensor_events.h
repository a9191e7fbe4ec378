#pragma once

#include <cstdint>
#include <vector>

#include "core/event/element_type.h"
#include "core/event/event.h"
#include "core/event/event_producer.h"
#include "core/tensor/concatenated_tensors.h"

namespace sconce::core {

/// Produces the events of a new tensor, contiguous and with a storage of its own.
/// Lifetime: sources and sink are borrowed. Threads: one at a time.
class TensorEvents final : public EventProducer {
 public:
  /// `elements` are as many as `sizes` say, of the type of `tensor_class`.
  TensorEvents(TensorClass tensor_class, std::vector<std::int64_t> sizes, ConcatenatedTensors elements, EventSink& sink)
      : tensor_class_(tensor_class), sizes_(std::move(sizes)), elements_(std::move(elements)), sink_(sink) {}

  /// Produces some of them. Errors: the source's and the sink's.
  Status advance() override;
  bool done() const override { return done_; }

 private:
  Status begin();

  const TensorClass tensor_class_;
  const std::vector<std::int64_t> sizes_;
  ConcatenatedTensors elements_;
  EventSink& sink_;
  bool begun_ = false;
  bool done_ = false;
};

}  // namespace sconce::core
