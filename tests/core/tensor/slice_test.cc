#include "core/tensor/slice.h"

#include <gtest/gtest.h>

#include <random>

namespace sconce::core {
namespace {

using Sizes = std::vector<std::int64_t>;

SliceRange range(std::optional<std::int64_t> start, std::optional<std::int64_t> stop, std::int64_t step = 1) {
  return {.start = start, .stop = stop, .step = step};
}

TEST(Slice, IsReadAsNumpyMeansIt) {
  const std::pair<const char*, Slice> rows[] = {
      {"0", {0}},
      {"-1", {-1}},
      {":", {range({}, {})}},
      {"::", {range({}, {})}},
      {"3:", {range(3, {})}},
      {":3", {range({}, 3)}},
      {"1:3", {range(1, 3)}},
      {"::-1", {range({}, {}, -1)}},
      {"-1:-3:-2", {range(-1, -3, -2)}},
      {"...", {SliceEllipsis{}}},
      {"0:10,:", {range(0, 10), range({}, {})}},
      {"...,::2", {SliceEllipsis{}, range({}, {}, 2)}},
      {"1,...,-2", {1, SliceEllipsis{}, -2}},
      {"9223372036854775807", {INT64_MAX}},
      {"-9223372036854775807:", {range(-INT64_MAX, {})}},
  };
  for (const auto& [text, expected] : rows) {
    const Result<Slice> slice = parse_slice(text);
    ASSERT_TRUE(slice) << text << ": " << to_string(slice.error());
    EXPECT_EQ(*slice, expected) << text;
  }
}

TEST(Slice, WhatIsWrongIsNamedByItsByte) {
  std::string many = "0";
  for (std::size_t i = 0; i < kSliceItemsMax; ++i) many += ",0";
  const std::pair<std::string, std::uint64_t> rows[] = {
      {"", 0},
      {",", 0},
      {"1,", 2},
      {"1,,2", 2},
      {"a", 0},
      {"1 ", 1},
      {" 1", 0},
      {"+1", 0},
      {"1:2:0", 5},
      {"::0,1", 3},
      {"1:2:3:4", 5},
      {"..", 0},
      {"....", 3},
      {"...,...", 7},
      {"0,...,1,...", 11},
      {"1:x", 2},
      {"-", 0},
      {"--1", 0},
      {"9223372036854775808", 0},
      {"0:-9223372036854775808", 2},
      {"1.5", 1},
      {many, many.size()},
  };
  for (const auto& [text, offset] : rows) {
    const Result<Slice> slice = parse_slice(text);
    ASSERT_FALSE(slice) << text;
    EXPECT_EQ(slice.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(slice.error().offset, offset) << text << ": " << slice.error().what;
  }
}

/// The indices that one item takes of a dimension, one after the other, as Python's range does.
Sizes indices_of(const SliceRange& range, std::int64_t size) {
  const auto bound = [&](std::int64_t given) {
    const std::int64_t from_front = given < 0 ? given + size : given;
    if (from_front < 0) return range.step < 0 ? std::int64_t{-1} : 0;
    if (from_front >= size) return range.step < 0 ? size - 1 : size;
    return from_front;
  };
  const std::int64_t start = range.start ? bound(*range.start) : (range.step < 0 ? size - 1 : 0);
  const std::int64_t stop = range.stop ? bound(*range.stop) : (range.step < 0 ? -1 : size);
  Sizes indices;
  for (std::int64_t i = start; range.step > 0 ? i < stop : i > stop; i += range.step) indices.push_back(i);
  return indices;
}

/// Where an element lies; a stride that means nothing may be of any size.
std::int64_t moved(std::int64_t position, std::int64_t index, std::int64_t stride) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(position) +
                                   static_cast<std::uint64_t>(index) * static_cast<std::uint64_t>(stride));
}

/// Where the elements lie, row-major, by the indices taken of each dimension.
Sizes positions_of(const TensorView& view, const std::vector<Sizes>& taken) {
  Sizes positions = {view.first};
  for (std::size_t d = 0; d < taken.size(); ++d) {
    Sizes longer;
    for (const std::int64_t position : positions) {
      for (const std::int64_t index : taken[d]) longer.push_back(moved(position, index, view.strides[d]));
    }
    positions = std::move(longer);
  }
  return positions;
}

Sizes positions_of(const TensorView& view) {
  std::vector<Sizes> all;
  for (const std::int64_t size : view.sizes) all.push_back(indices_of({}, size));
  return positions_of(view, all);
}

/// A slice, and what it takes of each dimension of a view.
class RandomSlice {
 public:
  RandomSlice(std::mt19937& random, const TensorView& view) : random_(random) {
    const std::size_t dots = pick(0, 2) == 0 ? static_cast<std::size_t>(pick(0, 4)) : SIZE_MAX;
    std::size_t d = 0;
    while (d < view.sizes.size()) {
      if (d == dots) {
        slice_.emplace_back(SliceEllipsis{});
        const auto left = static_cast<std::int64_t>(view.sizes.size() - d);
        for (std::int64_t kept = pick(0, left); kept > 0; --kept) take_range({}, view.sizes[d++]);
        for (; d < view.sizes.size(); ++d) take(view.sizes[d]);
        return;
      }
      take(view.sizes[d++]);
    }
  }

  const Slice& slice() const { return slice_; }
  const std::vector<Sizes>& taken() const { return taken_; }
  const Sizes& sizes() const { return sizes_; }

 private:
  std::int64_t pick(std::int64_t low, std::int64_t high) { return std::uniform_int_distribution(low, high)(random_); }

  void take(std::int64_t size) {
    if (size > 0 && pick(0, 2) == 0) {
      const std::int64_t index = pick(-size, size - 1);
      slice_.emplace_back(index);
      taken_.push_back({index < 0 ? index + size : index});
      return;
    }
    SliceRange random;
    if (pick(0, 3) > 0) random.start = pick(-size - 2, size + 2);
    if (pick(0, 3) > 0) random.stop = pick(-size - 2, size + 2);
    constexpr std::int64_t kSteps[] = {1, 1, 2, 3, -1, -2, -5, INT64_MAX, -INT64_MAX};
    random.step = kSteps[pick(0, std::ssize(kSteps) - 1)];
    // The steps beyond any size are for the product with a stride; a reference that counts would overflow.
    SliceRange counted = random;
    counted.step = std::clamp<std::int64_t>(random.step, -100, 100);
    slice_.emplace_back(random);
    take_range(counted, size);
  }

  void take_range(const SliceRange& range, std::int64_t size) {
    taken_.push_back(indices_of(range, size));
    sizes_.push_back(std::ssize(taken_.back()));
  }

  std::mt19937& random_;
  Slice slice_;
  std::vector<Sizes> taken_;
  Sizes sizes_;  // of the dimensions that stay
};

TensorView random_view(std::mt19937& random) {
  const auto pick = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution(low, high)(random);
  };
  TensorView view{.type = ElementType::f32, .sizes = {}, .strides = {}, .first = 1000};
  const std::int64_t dimensions = pick(1, 4);
  for (std::int64_t d = 0; d < dimensions; ++d) {
    view.sizes.push_back(pick(0, 9) == 0 ? 0 : pick(1, 5));
    view.strides.push_back(pick(-20, 20));
  }
  const bool has_elements = std::ranges::find(view.sizes, 0) == view.sizes.end();
  if (!has_elements) view.strides[0] = INT64_MAX;  // it means nothing
  return view;
}

TEST(Slice, TakesWhatPythonWouldTakeOfAnyTensor) {
  std::mt19937 random(7);
  std::size_t empty = 0;
  for (int round = 0; round < 20'000; ++round) {
    const TensorView view = random_view(random);
    const RandomSlice wanted(random, view);
    const Result<TensorView> taken = apply_slice(wanted.slice(), view);
    ASSERT_TRUE(taken) << to_string(taken.error());
    const bool is_element = wanted.sizes().empty();
    ASSERT_EQ(taken->sizes, is_element ? Sizes{1} : wanted.sizes()) << round;
    ASSERT_EQ(taken->strides.size(), taken->sizes.size());
    ASSERT_EQ(positions_of(*taken), positions_of(view, wanted.taken())) << round;
    empty += taken->size_bytes() == 0 ? 1 : 0;
  }
  EXPECT_GT(empty, 1000U);
}

void expect_refused(const Slice& slice, const Sizes& sizes, std::string_view says) {
  const TensorView view{.sizes = sizes, .strides = Sizes(sizes.size(), 1)};
  const Result<TensorView> taken = apply_slice(slice, view);
  ASSERT_FALSE(taken) << says;
  EXPECT_EQ(taken.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(taken.error().what.find(says), std::string::npos) << taken.error().what;
}

TEST(Slice, IndicesOutOfRangeAndTooManyItemsAreRefused) {
  expect_refused({3}, {3}, "the index 3 is out of range: dimension 0 has the size 3");
  expect_refused({-4}, {3}, "the index -4 is out of range");
  expect_refused({0, INT64_MAX}, {3, 2}, "dimension 1 has the size 2");
  expect_refused({0}, {0}, "dimension 0 has the size 0");
  expect_refused({0, 0}, {3}, "the slice has 2 items, and the tensor 1 dimensions");
  expect_refused({range({}, {})}, {}, "the slice has 1 items, and the tensor 0 dimensions");
  expect_refused({0, SliceEllipsis{}, 0}, {3}, "the slice has 2 items");
}

/// It has no element that could be the one that remains.
TEST(Slice, ATensorWithoutDimensionsStaysAsItIs) {
  const TensorView view{.type = ElementType::f64, .sizes = {}, .strides = {}, .first = std::int64_t{1} << 40};
  const Result<TensorView> taken = apply_slice({SliceEllipsis{}}, view);
  ASSERT_TRUE(taken);
  EXPECT_TRUE(taken->sizes.empty());
  EXPECT_EQ(taken->size_bytes(), 0U);
}

}  // namespace
}  // namespace sconce::core
