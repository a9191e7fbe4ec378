#include "proto/formats/arrays/array_producer.h"

#include <utility>

namespace sconce::proto {

core::Status ArrayProducer::advance() {
  if (!std::exchange(begun_, true)) return events_.begin(form_);
  const auto elements = elements_.next();
  if (!elements) return std::unexpected(elements.error());
  done_ = elements->empty();
  const auto taken = events_.put(*elements);
  return taken ? core::Status() : std::unexpected(taken.error());
}

}  // namespace sconce::proto
