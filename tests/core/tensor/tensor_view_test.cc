#include "core/tensor/tensor_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
#include <random>

#include "core/event/event.h"
#include "core/graph/tensor.h"

namespace sconce::core {
namespace {

/// Hands out at most `piece_bytes_max` at a time, from a buffer that is overwritten by the next call, and keeps what
/// was asked for.
class SmallPieces final : public ByteSource {
 public:
  SmallPieces(std::string bytes, std::size_t piece_bytes_max)
      : bytes_(std::move(bytes)), piece_bytes_max_(piece_bytes_max) {}
  std::uint64_t size_bytes() const override { return bytes_.size(); }
  Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) override {
    reads += 1;
    if (offset + size > bytes_.size() || size == 0) ADD_FAILURE() << "reads " << size << " bytes at " << offset;
    if (reads == fail_at) return fail(ErrorCode::io_error, "the disk is gone");
    is_forward = is_forward && offset >= last_offset_;
    last_offset_ = offset;
    // The source's own pieces have fixed borders, as chunks of a file do.
    const std::size_t left = piece_bytes_max_ - offset % piece_bytes_max_;
    std::ranges::fill(piece_, '#');
    piece_ = bytes_.substr(offset, std::min(size, left));
    return std::as_bytes(std::span(piece_));
  }

  std::size_t reads = 0;
  std::size_t fail_at = 0;
  bool is_forward = true;

 private:
  std::string bytes_;
  std::size_t piece_bytes_max_;
  std::string piece_;
  std::uint64_t last_offset_ = 0;
};

std::string some_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  std::mt19937 random(7);
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

/// All that the gather hands out.
std::string gathered(ByteSource& source, const TensorView& view, std::size_t block_bytes_max) {
  StridedReader gather(source, view, block_bytes_max);
  std::string all;
  while (true) {
    const auto piece = gather.next();
    if (!piece) return "error: " + piece.error().what;
    if (piece->empty()) return all;
    EXPECT_EQ(piece->size() % size_bytes_of(view.type), 0U);
    all.append(reinterpret_cast<const char*>(piece->data()), piece->size());
  }
}

/// The same, one element after the other.
std::string walked(const std::string& bytes, const TensorView& view) {
  const TensorClass tensor_class{view.type, Device::cpu};
  const Storage storage(tensor_class, nullptr, reinterpret_cast<const std::byte*>(bytes.data()), 0);
  const Tensor tensor(tensor_class, nullptr, view.sizes, view.strides, view.first + 1, &storage);
  const std::size_t width = size_bytes_of(view.type);
  std::string all;
  for (ElementWalk walk(tensor); !walk.at_end(); walk.advance()) {
    all += bytes.substr(view.storage_offset_bytes + static_cast<std::size_t>(walk.position()) * width, width);
  }
  return all;
}

/// A geometry with its elements in a storage that begins at byte 3, and the bytes of it.
struct Case {
  TensorView view;
  std::string bytes;
};

Case random_case(std::mt19937& random) {
  constexpr ElementType kTypes[] = {ElementType::u8, ElementType::f16, ElementType::i32, ElementType::f64};
  const auto below = [&](int count) { return static_cast<std::int64_t>(random() % static_cast<unsigned>(count)); };
  Case made;
  made.view.type = kTypes[below(4)];
  made.view.storage_offset_bytes = 3;
  const auto dimensions = static_cast<std::size_t>(1 + below(5));
  for (std::size_t d = 0; d < dimensions; ++d) made.view.sizes.push_back(1 + below(6));
  std::vector<std::size_t> order(dimensions);
  std::iota(order.begin(), order.end(), 0);
  if (below(3) > 0) std::ranges::shuffle(order, random);
  made.view.strides.resize(dimensions);
  std::int64_t stride = 1;
  std::int64_t lowest = 0;
  std::int64_t highest = 0;
  for (const std::size_t d : order) {
    const bool is_expanded = below(8) == 0;
    const bool is_negative = below(6) == 0;
    if (below(4) == 0) stride += below(5);  // narrowed
    made.view.strides[d] = is_expanded ? 0 : (is_negative ? -stride : stride);
    (is_negative ? lowest : highest) += made.view.strides[d] * (made.view.sizes[d] - 1);
    if (!is_expanded) stride *= made.view.sizes[d] + below(2);
  }
  made.view.first = -lowest + below(3);
  made.bytes = some_bytes(3 + static_cast<std::size_t>(made.view.first + highest + 1) * size_bytes_of(made.view.type));
  return made;
}

TEST(StridedReader, HandsOutWhatAWalkOfTheElementsDoes) {
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    const Case made = random_case(random);
    const std::string expected = walked(made.bytes, made.view);
    ASSERT_EQ(made.view.size_bytes(), expected.size());
    for (const std::size_t block : {std::size_t{1}, std::size_t{50}, std::size_t{1} << 20}) {
      for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1} << 20}) {
        SmallPieces source(made.bytes, piece);
        ASSERT_EQ(gathered(source, made.view, block), expected) << "round " << round << " block " << block;
      }
    }
  }
}

TEST(StridedReader, ContiguousElementsAreNotCopied) {
  const std::string bytes = some_bytes(4096);
  MemorySource source(std::as_bytes(std::span(bytes)));
  StridedReader gather(source, {.type = ElementType::f32, .sizes = {4, 1, 100}, .strides = {100, 7, 1}, .first = 2});
  const auto piece = gather.next();
  ASSERT_TRUE(piece);
  EXPECT_EQ(reinterpret_cast<const char*>(piece->data()), bytes.data() + 8);
  EXPECT_EQ(piece->size(), 1600U);
  EXPECT_TRUE(gather.next()->empty());
}

TEST(StridedReader, LongRunsOfANarrowedTensorAreNotCopied) {
  const std::string bytes = some_bytes(100'000);
  MemorySource source(std::as_bytes(std::span(bytes)));
  const TensorView view = {.type = ElementType::u8, .sizes = {3, 20'000}, .strides = {30'000, 1}, .first = 5};
  StridedReader gather(source, view);
  for (const std::size_t row : {0U, 1U, 2U}) {
    const auto piece = gather.next();
    ASSERT_TRUE(piece);
    EXPECT_EQ(reinterpret_cast<const char*>(piece->data()), bytes.data() + 5 + row * 30'000);
    EXPECT_EQ(piece->size(), 20'000U);
  }
  EXPECT_TRUE(gather.next()->empty());
}

TEST(StridedReader, OneBlockReadsTheSourceOnceAndForwards) {
  const TensorView transposed = {.type = ElementType::f64, .sizes = {64, 64}, .strides = {1, -64}, .first = 63 * 64};
  const TensorView narrowed = {.type = ElementType::f64, .sizes = {32, 63}, .strides = {128, 1}, .first = 1};
  for (const TensorView& view : {transposed, narrowed}) {
    SmallPieces source(some_bytes(64 * 64 * 8), 100);
    gathered(source, view, 1 << 20);
    EXPECT_TRUE(source.is_forward);
    EXPECT_LE(source.reads, 64U * 64 * 8 / 100 + 1 + 300);  // the pieces, and what elements cut in two ask for
  }
}

TEST(StridedReader, WithoutElementsNothingIsRead) {
  SmallPieces source("", 1);
  for (const std::vector<std::int64_t>& sizes : std::vector<std::vector<std::int64_t>>{{}, {0}, {3, 0, 2}}) {
    const TensorView view = {.type = ElementType::f32, .sizes = sizes, .strides = sizes, .first = 99};
    EXPECT_EQ(view.size_bytes(), 0U);
    EXPECT_EQ(gathered(source, view, 100), "");
  }
  EXPECT_EQ(source.reads, 0U);
}

TEST(StridedReader, EveryFailureOfTheSourceIsAnError) {
  const std::string bytes = some_bytes(4 * 6 * 4);
  for (const std::vector<std::int64_t>& strides : {std::vector<std::int64_t>{6, 1}, std::vector<std::int64_t>{1, 4}}) {
    const TensorView view = {.type = ElementType::i32, .sizes = {4, 6}, .strides = strides};
    SmallPieces counted(bytes, 5);
    gathered(counted, view, 40);
    for (std::size_t nth = 1; nth <= counted.reads; ++nth) {
      SmallPieces source(bytes, 5);
      source.fail_at = nth;
      EXPECT_EQ(gathered(source, view, 40), "error: the disk is gone") << nth;
    }
  }
}

}  // namespace
}  // namespace sconce::core
