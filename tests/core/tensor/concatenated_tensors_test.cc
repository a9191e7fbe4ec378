#include "core/tensor/concatenated_tensors.h"

#include <gtest/gtest.h>

#include <string>

namespace sconce::core {
namespace {

TensorView bytes_view(std::vector<std::int64_t> sizes, std::vector<std::int64_t> strides, std::int64_t first = 0) {
  return {.type = ElementType::u8, .sizes = std::move(sizes), .strides = std::move(strides), .first = first};
}

std::string all_of(ConcatenatedTensors& tensors) {
  std::string all;
  while (true) {
    const auto elements = tensors.next();
    if (!elements) return "error: " + elements.error().what;
    if (elements->empty()) return all;
    all.append(reinterpret_cast<const char*>(elements->data()), elements->size());
  }
}

class Broken final : public ByteSource {
 public:
  std::uint64_t size_bytes() const override { return 8; }
  Result<std::span<const std::byte>> read(std::uint64_t, std::size_t) override {
    return fail(ErrorCode::io_error, "the disk is gone");
  }
};

TEST(ConcatenatedTensors, FollowOneAnotherInRowMajorOrder) {
  const std::string first = "abcdef";
  const std::string second = "123";
  MemorySource letters(std::as_bytes(std::span(first)));
  MemorySource digits(std::as_bytes(std::span(second)));
  ConcatenatedTensors tensors({{&letters, bytes_view({3, 2}, {1, 3})},  // transposed
                               {&letters, bytes_view({0}, {1})},        // without elements
                               {&digits, bytes_view({3}, {1})},
                               {&letters, bytes_view({}, {})}});
  EXPECT_EQ(tensors.size_bytes(), 9U);
  EXPECT_EQ(all_of(tensors), "adbecf123");
  EXPECT_EQ(all_of(tensors), "") << "it stays at the end";
}

TEST(ConcatenatedTensors, OfNoTensorAreEmpty) {
  ConcatenatedTensors tensors({});
  EXPECT_EQ(tensors.size_bytes(), 0U);
  EXPECT_EQ(all_of(tensors), "");
}

TEST(ConcatenatedTensors, LieInRunsIfEachDoes) {
  const std::string bytes(64, 'x');
  MemorySource source(std::as_bytes(std::span(bytes)));
  const ConcatenatedTensors whole({{&source, bytes_view({64}, {1})}, {&source, bytes_view({0}, {1})}});
  EXPECT_TRUE(whole.lies_in_runs());
  const ConcatenatedTensors scattered({{&source, bytes_view({64}, {1})}, {&source, bytes_view({32}, {2})}});
  EXPECT_FALSE(scattered.lies_in_runs());
}

TEST(ConcatenatedTensors, ReportTheSourcesError) {
  const std::string bytes = "ab";
  MemorySource good(std::as_bytes(std::span(bytes)));
  Broken broken;
  ConcatenatedTensors tensors({{&good, bytes_view({2}, {1})}, {&broken, bytes_view({8}, {1})}});
  EXPECT_EQ(all_of(tensors), "error: the disk is gone");
}

}  // namespace
}  // namespace sconce::core
