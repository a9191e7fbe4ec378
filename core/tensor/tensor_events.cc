#include "core/tensor/tensor_events.h"

#include "core/event/contiguous_tensor.h"

namespace sconce::core {

Status TensorEvents::advance() {
  if (!begun_) return begin();
  const auto elements = elements_.next();
  if (!elements) return std::unexpected(elements.error());
  if (!elements->empty()) return sink_.on(event::Elements{.type = tensor_class_.type, .bytes = *elements});
  done_ = true;
  return end_contiguous_tensor(sink_);
}

Status TensorEvents::begin() {
  begun_ = true;
  const auto count = static_cast<std::int64_t>(elements_.size_bytes() / size_bytes_of(tensor_class_.type));
  return begin_contiguous_tensor(sink_, {.tensor_class = tensor_class_, .sizes = sizes_}, count);
}

}  // namespace sconce::core
