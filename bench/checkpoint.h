#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace sconce::bench {

/// A table of `tensors` tensors with `element_bytes` each, as Torch7 writes it in binary: layer_10000, layer_10001, ….
struct Checkpoint {
  std::size_t tensors;
  std::size_t element_bytes;

  static std::string name_of(std::size_t i);
  std::size_t size_bytes() const;
  void write(const std::function<void(std::string_view)>& write) const;
};

}  // namespace sconce::bench
