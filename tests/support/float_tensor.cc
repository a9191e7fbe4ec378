#include "tests/support/float_tensor.h"

#include <numeric>

#include "core/graph/object.h"
#include "core/graph/serialize.h"
#include "core/graph/tensor.h"

namespace sconce::tests {

std::string float_tensor(const std::vector<std::int64_t>& sizes, float first) {
  std::vector<std::int64_t> strides(sizes.size(), 1);
  for (std::size_t d = sizes.size() - 1; d > 0; --d) strides[d - 1] = strides[d] * sizes[d];
  return float_view(sizes, strides, first, static_cast<std::size_t>(*core::element_count(sizes)));
}

std::string float_view(const std::vector<std::int64_t>& sizes, const std::vector<std::int64_t>& strides, float first,
                       std::size_t count) {
  constexpr core::TensorClass kFloats = {core::ElementType::f32, core::Device::cpu};
  std::vector<float> elements(count);
  std::iota(elements.begin(), elements.end(), first);
  core::Object object;
  const core::Storage& storage = object.make_storage(kFloats, std::as_bytes(std::span(elements)));
  object.set_root(**object.make_tensor(kFloats, sizes, strides, 1, &storage));
  return *core::serialize(object);
}

}  // namespace sconce::tests
