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

/// As a stack reads its layers: each held what was read of it until the end of all.
TEST(ConcatenatedTensors, ReleaseASourceWhenAnotherFollows) {
  const std::string bytes = "abcdef";
  class Source final : public ByteSource {
   public:
    Source(std::string_view bytes, std::string& log) : memory_(std::as_bytes(std::span(bytes))), log_(log) {}
    std::uint64_t size_bytes() const override { return memory_.size_bytes(); }
    Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) override {
      log_ += 'r';
      return memory_.read(offset, size);
    }
    void release() override { log_ += 'R'; }

   private:
    MemorySource memory_;
    std::string& log_;
  };
  std::string of_first;
  std::string of_second;
  Source first(bytes, of_first);
  Source second(bytes, of_second);
  ConcatenatedTensors tensors({{&first, bytes_view({3}, {1})},
                               {&first, bytes_view({3}, {1}, 3)},
                               {&second, bytes_view({6}, {1})},
                               {&first, bytes_view({1}, {1})}});
  EXPECT_EQ(all_of(tensors), "abcdefabcdefa");
  EXPECT_EQ(of_first, "rrRr") << "not between its own";
  EXPECT_EQ(of_second, "rR");
}

}  // namespace
}  // namespace sconce::core
