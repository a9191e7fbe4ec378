// Slices of tensors, over HTTP: on views of every kind, in every format.

#include <algorithm>
#include <functional>

#include "core/graph/serialize.h"
#include "core/graph/tensor.h"
#include "tests/hostile/wire.h"
#include "tests/integration/objects/served_objects.h"

namespace sconce::tests {
namespace {

namespace tag = core::tag;
using Sizes = std::vector<std::int64_t>;
using Doubles = std::vector<double>;

struct Geometry {
  Sizes sizes;
  Sizes strides;
  std::int64_t offset;  // from 1
};

void begin_tensor(Wire& wire, std::int32_t index, const Geometry& geometry) {
  wire.instance(index, "torch.DoubleTensor").i32(static_cast<std::int32_t>(geometry.sizes.size()));
  for (const std::int64_t size : geometry.sizes) wire.i64(size);
  for (const std::int64_t stride : geometry.strides) wire.i64(stride);
  wire.i64(geometry.offset);
}

const std::map<std::string, Geometry> kViews = {
    {"plain", {{3, 4}, {4, 1}, 1}},    {"transposed", {{4, 3}, {1, 4}, 1}}, {"narrowed", {{2, 2}, {4, 1}, 6}},
    {"expanded", {{3, 4}, {0, 1}, 5}}, {"scalar", {{1, 1}, {1, 1}, 12}},    {"overlapping", {{5, 4}, {1, 2}, 1}},
    {"backwards", {{12}, {-1}, 12}},   {"three", {{2, 3, 2}, {6, 1, 3}, 1}}};

/// All views of one storage of 0, 1, …, 11, which stands in front of them: outside each of them.
std::string views_of_one_storage() {
  Wire wire;
  wire.table(1, static_cast<std::int32_t>(kViews.size()) + 1).string("storage");
  wire.instance(2, "torch.DoubleStorage").i64(12);
  for (int i = 0; i < 12; ++i) wire.f64(i);
  std::int32_t index = 3;
  for (const auto& [name, geometry] : kViews) {
    wire.string(name);
    begin_tensor(wire, index++, geometry);
    wire.again(tag::kInstance, 2);
  }
  return wire.bytes();
}

/// What is taken of each dimension, and which dimensions stay.
struct Taken {
  std::string slice;
  std::vector<Sizes> indices;
  Sizes sizes;
};

Sizes all_of(std::int64_t size) {
  Sizes all;
  for (std::int64_t i = 0; i < size; ++i) all.push_back(i);
  return all;
}

/// Slices that fit a tensor of two dimensions or more.
std::vector<Taken> slices_of(const Sizes& sizes) {
  if (sizes.size() == 1) {
    return {{"-1", {{11}}, {1}}, {"2:9:3", {{2, 5, 8}}, {3}}, {"::-5", {{11, 6, 1}}, {3}}, {"20:", {{}}, {0}}};
  }
  std::vector<Sizes> whole;
  for (const std::int64_t size : sizes) whole.push_back(all_of(size));
  const auto with = [&whole](std::size_t d, Sizes indices) {
    std::vector<Sizes> taken = whole;
    taken[d] = std::move(indices);
    return taken;
  };
  const std::size_t last = sizes.size() - 1;
  const Sizes without_first(sizes.begin() + 1, sizes.end());
  const Sizes without_last(sizes.begin(), sizes.end() - 1);
  Sizes reversed = whole[last];
  std::ranges::reverse(reversed);
  Sizes empty = sizes;
  empty[0] = 0;
  return {{"...", whole, sizes},
          {"0", with(0, {0}), without_first},
          {"-1", with(0, {sizes[0] - 1}), without_first},
          {"...,0", with(last, {0}), without_last},
          {"...,::-1", with(last, reversed), sizes},
          {"5:2", with(0, {}), empty}};
}

Doubles elements_of(const Geometry& geometry, const std::vector<Sizes>& indices) {
  Doubles elements = {static_cast<double>(geometry.offset - 1)};
  for (std::size_t d = 0; d < indices.size(); ++d) {
    Doubles longer;
    for (const double element : elements) {
      for (const std::int64_t index : indices[d])
        longer.push_back(element + static_cast<double>(index * geometry.strides[d]));
    }
    elements = std::move(longer);
  }
  return elements;
}

class SlicesOverHttp : public ServedObjects {
 protected:
  /// Of the tensor in a body in binary, which must have a storage of its own with nothing else in it.
  void expect_tensor(const std::string& body, const Sizes& sizes, const Doubles& elements) {
    const auto object = core::deserialize(bytes_of(body));
    ASSERT_TRUE(object) << to_string(object.error());
    const core::Tensor* const tensor = object->root().tensor();
    ASSERT_NE(tensor, nullptr);
    EXPECT_EQ(Sizes(tensor->sizes().begin(), tensor->sizes().end()), sizes);
    ASSERT_NE(tensor->storage(), nullptr);
    Doubles stored(elements.size());
    ASSERT_EQ(tensor->storage()->bytes().size(), stored.size() * sizeof(double));
    std::ranges::copy(tensor->storage()->bytes(), std::as_writable_bytes(std::span(stored)).begin());
    EXPECT_EQ(stored, elements);
    std::int64_t stride = 1;
    for (std::size_t d = sizes.size(); d-- > 0; stride *= std::max<std::int64_t>(sizes[d], 1)) {
      EXPECT_EQ(tensor->strides()[d], stride);
    }
  }

  void expect_npy(const std::string& body, const Sizes& sizes, const Doubles& elements) {
    std::string shape;
    for (const std::int64_t size : sizes) shape += (shape.empty() ? "" : ", ") + std::to_string(size);
    if (sizes.size() == 1) shape += ',';
    EXPECT_NE(body.find("'shape': (" + shape + ")"), std::string::npos) << body;
    ASSERT_EQ(body.size(), 128 + elements.size() * sizeof(double));
    Doubles written(elements.size());
    std::ranges::copy(bytes_of(body).subspan(128), std::as_writable_bytes(std::span(written)).begin());
    EXPECT_EQ(written, elements);
  }
};

TEST_F(SlicesOverHttp, TakeTheElementsThatPythonWouldTake) {
  put("views", views_of_one_storage());
  for (const auto& [name, geometry] : kViews) {
    for (const Taken& taken : slices_of(geometry.sizes)) {
      SCOPED_TRACE(name + " " + taken.slice);
      const Parameters parameters = {{"path", name}, {"slice", taken.slice}};
      const Doubles elements = elements_of(geometry, taken.indices);
      const Sizes sizes = taken.sizes.empty() ? Sizes{1} : taken.sizes;
      expect_tensor(body_of("views", parameters), sizes, elements);
      Parameters npy = parameters;
      npy.emplace_back("format", "npy");
      expect_npy(body_of("views", npy), sizes, elements);
    }
  }
}

TEST_F(SlicesOverHttp, AreTheSameInEveryFormat) {
  put("views", views_of_one_storage());
  const auto of = [this](const std::string& format) {
    return body_of("views", {{"path", "transposed"}, {"slice", "1:3,::-2"}, {"format", format}});
  };
  const std::string binary = of("binary");
  for (const std::string format : {"ascii", "b32", "json", "npy"}) {
    put("back", of(format), {{"format", format}});
    EXPECT_EQ(body_of("back"), binary) << format;
  }
  put("back", of("npz"), {{"format", "npz"}});
  EXPECT_EQ(body_of("back", {{"path", "arr_0"}}), binary);
  put("back", of("safetensors"), {{"format", "safetensors"}});
  EXPECT_EQ(body_of("back", {{"path", "tensor"}}), binary);
  EXPECT_EQ(body_of("views", {{"path", "transposed"}, {"slice", "1:3,::-2"}, {"format", "json"}, {"style", "plain"}}),
            "[[9,1],[10,2]]\n");
}

TEST_F(SlicesOverHttp, ThatCannotBeReadNameTheirByte) {
  put("views", views_of_one_storage());
  const std::pair<const char*, const char*> rows[] = {{",", "at its byte 0"},
                                                      {"0,", "at its byte 2"},
                                                      {"1:x", "at its byte 2"},
                                                      {"::0", "at its byte 3"},
                                                      {"0 1", "at its byte 1"}};
  for (const auto& [slice, says] : rows) {
    expect_problem(get("views", {{"path", "plain"}, {"slice", slice}}), {400, "bad_query", nullptr, says});
  }
}

TEST_F(SlicesOverHttp, ThatDoNotFitNameTheDimension) {
  put("views", views_of_one_storage());
  expect_problem(get("views", {{"path", "plain"}, {"slice", "3"}}),
                 {400, "invalid_argument", "plain", "the index 3 is out of range: dimension 0 has the size 3"});
  expect_problem(get("views", {{"path", "plain"}, {"slice", "0,0,0"}}),
                 {400, "invalid_argument", "plain", "3 items, and the tensor 2 dimensions"});
  expect_problem(get("views", {{"path", "storage"}, {"slice", "0"}}),
                 {400, "invalid_argument", "storage", "only a tensor can be sliced, and this part is a storage"});
  expect_problem(get("views", {{"slice", "0"}}), {400, "invalid_argument", "", "this part is a table"});
}

/// Its offset may be anything, since it has no elements; none may be looked for there.
TEST_F(SlicesOverHttp, ATensorWithoutDimensionsHasNothingToTake) {
  Wire wire;
  begin_tensor(wire, 1, {{}, {}, std::int64_t{1} << 40});
  put("none", wire.nil().bytes());
  expect_tensor(body_of("none", {{"slice", "..."}}), {}, {});
  expect_npy(body_of("none", {{"slice", "..."}, {"format", "npy"}}), {0}, {});
  expect_npy(body_of("none", {{"format", "npy"}}), {0}, {});
  EXPECT_EQ(get("none", {{"slice", ":"}}).status, 400U);
}

TEST_F(SlicesOverHttp, StridesWithoutElementsMeanNothing) {
  Wire wire;
  begin_tensor(wire, 1, {{0, 5}, {INT64_MAX, INT64_MAX}, -7});
  put("empty", wire.nil().bytes());
  expect_tensor(body_of("empty", {{"slice", "...,::2"}}), {0, 3}, {});
  expect_tensor(body_of("empty", {{"slice", ":,4"}}), {0}, {});
  expect_npy(body_of("empty", {{"slice", ":,-2:"}, {"format", "npy"}}), {0, 2}, {});
}

/// A few bytes that would become as many as nobody can take.
TEST_F(SlicesOverHttp, OneElementExpandedToExabytesIsRefused) {
  Wire wire;
  begin_tensor(wire, 1, {{std::int64_t{1} << 57}, {0}, 1});
  put("huge", wire.instance(2, "torch.DoubleStorage").i64(1).f64(3).bytes());
  expect_tensor(body_of("huge", {{"slice", "-3:"}}), {3}, {3, 3, 3});
  for (const std::string format : {"binary", "b32", "json", "npy"}) {
    expect_problem(get("huge", {{"slice", ":"}, {"format", format}}), {422, "limit_exceeded"});
  }
  for (const std::string format : {"npy", "npz", "safetensors"}) {
    expect_problem(get("huge", {{"format", format}}), {422, "limit_exceeded"});
  }
  EXPECT_EQ(body_of("huge").size(), wire.bytes().size());
}

}  // namespace
}  // namespace sconce::tests
