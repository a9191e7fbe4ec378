#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace sconce::bench {

/// A torch.FloatTensor of so many bytes of elements from 0 to 1, at random, as Torch7 writes it in binary; piece by
/// piece.
void write_random_tensor(std::size_t element_bytes, const std::function<void(std::string_view)>& write);

std::string random_tensor(std::size_t element_bytes);

}  // namespace sconce::bench
