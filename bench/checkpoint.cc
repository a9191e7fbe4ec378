#include "bench/checkpoint.h"

#include <cstdint>

#include "bench/random_tensor.h"

namespace sconce::bench {

namespace {

template <class Integer>
void append(std::string& bytes, Integer value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// The table's pair: a string, and the tensor.
std::string pair_of(std::size_t i, std::size_t element_bytes) {
  constexpr std::int32_t kString = 2;
  const std::string name = Checkpoint::name_of(i);
  std::string pair;
  append(pair, kString);
  append(pair, static_cast<std::int32_t>(name.size()));
  const auto index = static_cast<std::int32_t>(2 * i + 2);
  return pair + name + random_tensor(element_bytes, index, static_cast<std::uint32_t>(i + 1));
}

std::string table_head(std::size_t count) {
  constexpr std::int32_t kTable = 3;
  std::string head;
  append(head, kTable);
  append(head, std::int32_t{1});
  append(head, static_cast<std::int32_t>(count));
  return head;
}

}  // namespace

std::string Checkpoint::name_of(std::size_t i) { return "layer_" + std::to_string(10'000 + i); }

std::size_t Checkpoint::size_bytes() const {
  return table_head(tensors).size() + tensors * pair_of(0, element_bytes).size();
}

void Checkpoint::write(const std::function<void(std::string_view)>& write) const {
  write(table_head(tensors));
  for (std::size_t i = 0; i < tensors; ++i) write(pair_of(i, element_bytes));
}

}  // namespace sconce::bench
