#include "bench/random_tensor.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace sconce::bench {

namespace {

template <class Integer>
void append(std::string& bytes, Integer value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append_class(std::string& bytes, std::int32_t index, std::string_view name) {
  constexpr std::int32_t kInstance = 4;
  append(bytes, kInstance);
  append(bytes, index);
  for (const std::string_view text : {std::string_view("V 1"), name}) {
    append(bytes, static_cast<std::int32_t>(text.size()));
    bytes += text;
  }
}

std::string header(std::int64_t count, std::int32_t index) {
  std::string bytes;
  append_class(bytes, index, "torch.FloatTensor");
  append(bytes, std::int32_t{1});  // dimensions
  append(bytes, count);
  append(bytes, std::int64_t{1});  // stride
  append(bytes, std::int64_t{1});  // offset, from 1
  append_class(bytes, index + 1, "torch.FloatStorage");
  append(bytes, count);
  return bytes;
}

}  // namespace

void write_random_tensor(std::size_t element_bytes, const std::function<void(std::string_view)>& write,
                         std::int32_t index, std::uint32_t seed) {
  const std::size_t count = element_bytes / sizeof(float);
  write(header(static_cast<std::int64_t>(count), index));
  std::mt19937 random(seed);
  std::vector<float> piece(std::min<std::size_t>(count, 1 << 16));
  for (std::size_t done = 0; done < count; done += piece.size()) {
    piece.resize(std::min(piece.size(), count - done));
    for (float& element : piece) element = static_cast<float>(random() >> 8U) * 0x1p-24F;
    write({reinterpret_cast<const char*>(piece.data()), piece.size() * sizeof(float)});
  }
}

std::string random_tensor(std::size_t element_bytes, std::int32_t index, std::uint32_t seed) {
  std::string bytes;
  write_random_tensor(element_bytes, [&](std::string_view piece) { bytes += piece; }, index, seed);
  return bytes;
}

}  // namespace sconce::bench
