#include "core/event/contiguous_tensor.h"

#include <algorithm>
#include <string>

namespace sconce::core {

std::vector<std::int64_t> contiguous_strides(std::span<const std::int64_t> sizes, ElementOrder order) {
  std::vector<std::int64_t> strides(sizes.size());
  std::uint64_t stride = 1;  // without elements it means nothing, and may wrap
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::size_t d = order == ElementOrder::first_index_first ? i : sizes.size() - 1 - i;
    strides[d] = static_cast<std::int64_t>(stride);
    stride *= static_cast<std::uint64_t>(std::max<std::int64_t>(1, sizes[d]));
  }
  return strides;
}

Status begin_contiguous_tensor(EventSink& sink, const ContiguousTensor& tensor, std::int64_t count) {
  return begin_tensor(sink, tensor, contiguous_strides(tensor.sizes, tensor.order), count);
}

Status begin_tensor(EventSink& sink, const ContiguousTensor& tensor, std::span<const std::int64_t> strides,
                    std::int64_t count) {
  const std::string tensor_name = tensor_name_of(tensor.tensor_class);
  const std::string storage_name = storage_name_of(tensor.tensor_class);
  const Event begins[] = {
      event::Instance{.index = tensor.index, .header = {.version = "V 1", .name = tensor_name}},
      event::Tensor{.tensor_class = tensor.tensor_class, .sizes = tensor.sizes, .strides = strides, .offset = 1},
      event::Instance{.index = tensor.storage_index, .header = {.version = "V 1", .name = storage_name}},
      event::Storage{.tensor_class = tensor.tensor_class, .count = count}};
  for (const Event& begin : begins) {
    if (Status taken = sink.on(begin); !taken) return taken;
  }
  return {};
}

Status end_contiguous_tensor(EventSink& sink) {
  if (Status storage = sink.on(event::End{}); !storage) return storage;
  return sink.on(event::End{});
}

}  // namespace sconce::core
