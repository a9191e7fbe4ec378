#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sconce::tests {

/// A torch.FloatTensor of these sizes whose elements are first, first + 1, …, in binary.
std::string float_tensor(const std::vector<std::int64_t>& sizes, float first);

/// The same with these strides, over a storage of `count` such elements.
std::string float_view(const std::vector<std::int64_t>& sizes, const std::vector<std::int64_t>& strides, float first,
                       std::size_t count);

}  // namespace sconce::tests
