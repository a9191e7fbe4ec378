#include "core/tensor/tensor_events.h"

#include <string>
#include <utility>

namespace sconce::core {

Status TensorEvents::advance() {
  if (!begun_) return begin();
  const auto elements = elements_.next();
  if (!elements) return std::unexpected(elements.error());
  if (!elements->empty()) return sink_.on(event::Elements{.type = tensor_class_.type, .bytes = *elements});
  done_ = true;
  if (Status storage = sink_.on(event::End{}); !storage) return storage;
  return sink_.on(event::End{});
}

Status TensorEvents::begin() {
  begun_ = true;
  const std::string tensor_name = tensor_name_of(tensor_class_);
  const std::string storage_name = storage_name_of(tensor_class_);
  std::vector<std::int64_t> strides(sizes_.size());
  std::uint64_t stride = 1;  // without elements it means nothing, and may wrap
  for (std::size_t d = strides.size(); d-- > 0;) {
    strides[d] = static_cast<std::int64_t>(stride);
    if (sizes_[d] > 0) stride *= static_cast<std::uint64_t>(sizes_[d]);
  }
  const auto count = static_cast<std::int64_t>(elements_.size_bytes() / size_bytes_of(tensor_class_.type));
  const Event begins[] = {
      event::Instance{.index = 1, .header = {.version = "V 1", .name = tensor_name}},
      event::Tensor{.tensor_class = tensor_class_, .sizes = sizes_, .strides = strides, .offset = 1},
      event::Instance{.index = 2, .header = {.version = "V 1", .name = storage_name}},
      event::Storage{.tensor_class = tensor_class_, .count = count}};
  for (const Event& begin : begins) {
    if (Status taken = sink_.on(begin); !taken) return taken;
  }
  return {};
}

}  // namespace sconce::core
