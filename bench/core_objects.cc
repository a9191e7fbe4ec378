#include "bench/core_objects.h"

#include <bit>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace sconce::bench {
namespace {

constexpr double kWeightDeviation = 0.05;

template <class Float, class Bits>
core::Object make_tensor(std::size_t size_bytes, Values values, core::ElementType type) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> weight(0, kWeightDeviation);
  std::vector<Float> elements(size_bytes / sizeof(Float));
  for (Float& element : elements) {
    if (values == Values::weights) element = static_cast<Float>(weight(random));
    else element = std::bit_cast<Float>(static_cast<Bits>(random()));
  }
  core::Object object;
  const core::TensorClass tensor_class{type, core::Device::cpu};
  const core::Storage& storage = object.make_storage(tensor_class, std::as_bytes(std::span(elements)));
  const std::int64_t sizes[] = {static_cast<std::int64_t>(elements.size())};
  const std::int64_t strides[] = {1};
  object.set_root(*object.make_tensor(tensor_class, sizes, strides, 1, &storage).value());
  return object;
}

}  // namespace

core::Object make_floats(std::size_t size_bytes, Values values) {
  return make_tensor<float, std::uint32_t>(size_bytes, values, core::ElementType::f32);
}

core::Object make_doubles(std::size_t size_bytes, Values values) {
  return make_tensor<double, std::uint64_t>(size_bytes, values, core::ElementType::f64);
}

core::Object make_small_entries(std::size_t count) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> fraction(0, kWeightDeviation);
  core::Object object;
  core::Table& table = object.make_table();
  const auto scalar = [&](std::size_t i) -> core::Value {
    switch (i / 2 % 4) {
      case 0: return static_cast<double>(i);
      case 1: return fraction(random);
      case 2: return i % 3 == 0;
      default: return object.make_string("entry_" + std::to_string(i));
    }
  };
  for (std::size_t i = 1; i <= count; ++i) {
    core::Value value;
    if (i % 2 == 0) {
      value = scalar(i);
    } else {
      core::Table& pair = object.make_table();
      pair.set(1, static_cast<double>(i));
      pair.set(2, fraction(random));
      value = pair;
    }
    table.append_unchecked(static_cast<double>(i), value);
  }
  table.finish_appending();
  object.set_root(table);
  return object;
}

}  // namespace sconce::bench
