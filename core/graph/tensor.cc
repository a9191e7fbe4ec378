#include "core/graph/tensor.h"

namespace sconce::core {

ElementWalk::ElementWalk(const Tensor& tensor)
    : sizes_(tensor.sizes()),
      strides_(tensor.strides()),
      index_(sizes_.size(), 0),
      // Without elements the offset may be the least integer.
      position_(element_count(sizes_).value_or(0) == 0 ? 0 : tensor.offset() - 1),
      left_(element_count(sizes_).value_or(0)) {}

void ElementWalk::advance() {
  --left_;
  for (std::size_t d = sizes_.size(); d-- > 0;) {
    if (++index_[d] < sizes_[d]) {
      position_ += strides_[d];
      return;
    }
    index_[d] = 0;
    position_ -= (sizes_[d] - 1) * strides_[d];
  }
}

}  // namespace sconce::core
