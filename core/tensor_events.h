#pragma once

#include "core/element_type.h"
#include "core/event.h"
#include "core/tensor_view.h"

namespace sconce::core {

/// Produces the events of a new tensor, contiguous and with a storage of its own, that holds the elements of a view.
/// Lifetime: source and sink are borrowed. Threads: one at a time.
class TensorEvents {
 public:
  /// `view.type` is that of `tensor_class`.
  TensorEvents(ByteSource& source, TensorClass tensor_class, const TensorView& view, EventSink& sink)
      : tensor_class_(tensor_class), view_(view), elements_(source, view), sink_(sink) {}

  /// Produces some of them. Errors: the source's and the sink's.
  Status advance();
  bool done() const { return done_; }

 private:
  Status begin();

  const TensorClass tensor_class_;
  const TensorView view_;
  ElementGather elements_;
  EventSink& sink_;
  bool begun_ = false;
  bool done_ = false;
};

}  // namespace sconce::core
