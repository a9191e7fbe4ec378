// Random objects, written as JSON and read back.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <random>

#include "core/graph/serialize.h"
#include "core/torch7/event_reader.h"
#include "proto/formats/json/json_numbers.h"
#include "proto/formats/json/json_reader.h"
#include "proto/formats/json/json_writer.h"
#include "tests/support/event_recorder.h"
#include "tests/support/golden.h"

namespace sconce::tests {
namespace {

using core::ElementType;
using core::Value;

/// Makes objects of every kind, with shared parts and cycles.
class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  core::Object make() {
    core::Object object;
    object_ = &object;
    known_.clear();
    left_ = 40;
    object.set_root(value(0));
    object_ = nullptr;
    return object;
  }

  std::size_t pick(std::size_t count) { return std::size_t(random_() % count); }

 private:
  std::string bytes(std::size_t max) {
    std::string text(pick(max + 1), '\0');
    const bool is_ascii = pick(2) == 0;
    for (char& c : text) c = static_cast<char>(is_ascii ? pick(128) : pick(256));
    return text;
  }

  Value key() {
    if (pick(2) == 0) return object_->make_string(bytes(80));
    return pick(5) == 0 ? Value(pick(2) == 0) : Value(std::round(number() * 8) / 8 == 0 ? 0.5 : double(pick(100)));
  }

  double number() {
    const std::uint64_t bits = random_();
    if (pick(3) == 0) return double(int(pick(2000)) - 1000);
    return std::bit_cast<double>(pick(8) == 0 ? bits | 0x7ff0000000000000 : bits);
  }

  core::TensorClass tensor_class() {
    return {static_cast<ElementType>(pick(8)), pick(8) == 0 ? core::Device::cuda : core::Device::cpu};
  }

  const core::Storage& storage(core::TensorClass of) {
    std::vector<std::byte> elements(pick(20) * core::size_bytes_of(of.type));
    for (std::byte& each : elements) each = std::byte(pick(4) == 0 ? 0xff : pick(256));
    return object_->make_storage(of, elements);
  }

  Value tensor() {
    const core::TensorClass of = tensor_class();
    const core::Storage& elements = storage(of);
    const std::int64_t sizes[] = {1, elements.count()};
    const std::int64_t strides[] = {std::int64_t(pick(1000)) - 500, 1};
    return **object_->make_tensor(of, sizes, strides, 1, &elements);
  }

  Value container(int depth) {
    switch (pick(5)) {
      case 0: return tensor();
      case 1: return storage(tensor_class());
      case 2: {
        core::Instance& instance = object_->make_instance(pick(4) == 0 ? bytes(10) + "\xff" : "nn.Some");
        known_.emplace_back(instance);
        instance.append(value(depth + 1));
        return instance;
      }
      case 3: {
        core::Function& function = object_->make_function(pick(2) == 0 ? 8 : 7, bytes(300), Value());
        known_.emplace_back(function);
        function.set_upvalues(value(depth + 1));
        return function;
      }
      default: break;
    }
    core::Table& table = object_->make_table();
    known_.emplace_back(table);
    for (std::size_t i = pick(8); i > 0; --i) table.set(key(), value(depth + 1));
    return table;
  }

  Value value(int depth) {
    if (left_ > 0 && depth < 20 && pick(2) == 0) {
      left_ -= 1;
      return container(depth);
    }
    if (!known_.empty() && pick(4) == 0) return known_[pick(known_.size())];
    switch (pick(4)) {
      case 0: return {};
      case 1: return pick(2) == 0;
      case 2: return number();
      default: return object_->make_string(pick(50) == 0 ? bytes(200'000) : bytes(40));
    }
  }

  std::mt19937_64 random_;
  core::Object* object_ = nullptr;
  std::vector<Value> known_;
  int left_ = 0;
};

/// JSON in pieces of random sizes.
core::Status read_in_pieces(std::string_view json, core::EventSink& sink, Maker& random) {
  proto::JsonReader reader(sink);
  const std::size_t piece_max = 1 + random.pick(json.size());
  while (!json.empty()) {
    const std::size_t piece = std::min(json.size(), 1 + random.pick(piece_max));
    if (core::Status status = reader.put(bytes_of(json.substr(0, piece))); !status) return status;
    json.remove_prefix(piece);
  }
  return reader.finish();
}

void round_trip(std::uint64_t seed) {
  Maker maker(seed);
  for (int i = 0; i < 2000; ++i) {
    const core::Object object = maker.make();
    const auto binary = core::serialize(object);
    ASSERT_TRUE(binary) << seed;
    std::string json;
    core::StringSink out(json);
    proto::JsonWriter writer(out);
    EventRecorder before;
    core::EventReader to_json(core::Format::binary, writer);
    core::EventReader to_events(core::Format::binary, before);
    ASSERT_TRUE(to_json.put_last(bytes_of(*binary))) << seed;
    ASSERT_TRUE(to_events.put_last(bytes_of(*binary))) << seed;
    ASSERT_TRUE(writer.finish());
    EventRecorder after;
    const core::Status status = read_in_pieces(json, after, maker);
    ASSERT_TRUE(status) << to_string(status.error()) << json << "\nseed " << seed;
    ASSERT_TRUE(after.text() == before.text()) << json << "\nseed " << seed;
  }
}

TEST(JsonProperty, ObjectsComeBack) { round_trip(1); }
TEST(JsonProperty, ObjectsComeBackWithANewSeed) {
  const std::uint64_t seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  round_trip(seed);
}

bool comes_back(ElementType type, std::uint64_t bits) {
  const std::size_t width = core::size_bytes_of(type);
  std::byte again[8] = {};
  char text[proto::kJsonNumberBytesMax];
  const auto* const from = reinterpret_cast<const std::byte*>(&bits);
  std::string_view written(text, proto::print_json_element(text, type, from));
  const bool is_quoted = written.starts_with('"');
  if (is_quoted) written = written.substr(1, written.size() - 2);
  const auto read = is_quoted ? proto::read_json_non_finite : proto::read_json_number;
  return read(type, written, again) == proto::NumberRead::done && std::equal(from, from + width, again);
}

TEST(JsonNumbers, EveryHalfComesBack) {
  for (std::uint64_t bits = 0; bits <= 0xffff; ++bits) EXPECT_TRUE(comes_back(ElementType::f16, bits)) << bits;
}

TEST(JsonNumbers, FloatsAndDoublesComeBack) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 300'000; ++i) {
    const std::uint64_t bits = random();
    ASSERT_TRUE(comes_back(ElementType::f32, bits & 0xffffffffU)) << bits;
    ASSERT_TRUE(comes_back(ElementType::f64, bits)) << bits;
    ASSERT_TRUE(comes_back(ElementType::f64, bits & 0x800fffffffffffffU)) << bits;
  }
}

}  // namespace
}  // namespace sconce::tests
