#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace sconce::bench {

/// A torch.FloatTensor of so many bytes of elements from 0 to 1, at random, as Torch7 writes it in binary; piece by
/// piece. Its index is `index`, its storage's the next. Another `seed` makes other elements.
void write_random_tensor(std::size_t element_bytes, const std::function<void(std::string_view)>& write,
                         std::int32_t index = 1, std::uint32_t seed = 1);

std::string random_tensor(std::size_t element_bytes, std::int32_t index = 1, std::uint32_t seed = 1);

}  // namespace sconce::bench
