#pragma once

#include "core/event/event_producer.h"
#include "core/tensor/concatenated_tensors.h"
#include "proto/formats/arrays/array_emitter.h"

namespace sconce::proto {

/// Produces the events of an array, as ArrayEvents has them, of elements that are somewhere.
/// Lifetime: sources and sink are borrowed. Threads: one at a time.
class ArrayProducer final : public core::EventProducer {
 public:
  /// `size_bytes_of` has taken the form, and `elements` are as many.
  ArrayProducer(ArrayDescriptor form, core::ConcatenatedTensors elements, core::EventSink& sink)
      : form_(std::move(form)), elements_(std::move(elements)), events_(sink, 1) {}

  /// Produces some of them. Errors: the source's and the sink's.
  core::Status advance() override;
  bool done() const override { return done_; }

 private:
  const ArrayDescriptor form_;
  core::ConcatenatedTensors elements_;
  ArrayEvents events_;
  bool begun_ = false;
  bool done_ = false;
};

}  // namespace sconce::proto
