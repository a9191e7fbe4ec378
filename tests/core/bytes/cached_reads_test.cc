#include "core/bytes/cached_reads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace sconce::core {
namespace {

/// Hands out what lies between two borders, from a buffer that the next call overwrites.
class Pieces final : public ByteSource {
 public:
  Pieces(std::string bytes, std::size_t piece_bytes) : bytes_(std::move(bytes)), piece_bytes_(piece_bytes) {}
  std::uint64_t size_bytes() const override { return bytes_.size(); }
  Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) override {
    reads += 1;
    if (reads == fail_at) return fail(ErrorCode::io_error, "the disk is gone");
    std::ranges::fill(piece_, '#');
    piece_ = bytes_.substr(offset, std::min(size, piece_bytes_ - offset % piece_bytes_));
    return std::as_bytes(std::span(piece_));
  }

  int reads = 0;
  int fail_at = 0;

 private:
  std::string bytes_;
  std::size_t piece_bytes_;
  std::string piece_;
};

std::string text_of(const Result<std::span<const std::byte>>& bytes) {
  if (!bytes) return "error: " + bytes.error().what;
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

TEST(CachedReads, ReadsAPieceOnce) {
  Pieces source("0123456789", 5);
  CachedReads reads(source);
  EXPECT_EQ(text_of(reads.at(1, 1, 10)), "1234");
  EXPECT_EQ(text_of(reads.at(3, 2, 10)), "34");
  EXPECT_EQ(text_of(reads.at(0, 1, 10)), "01234");
  EXPECT_EQ(source.reads, 2);  // the piece began at 1
}

TEST(CachedReads, GivesNoByteFromTheEndOn) {
  Pieces source("0123456789", 5);
  CachedReads reads(source);
  EXPECT_EQ(text_of(reads.at(0, 1, 10)), "01234");
  EXPECT_EQ(text_of(reads.at(1, 1, 3)), "12");
  EXPECT_EQ(source.reads, 1);
}

TEST(CachedReads, PutsTogetherWhatLiesInSeveralPieces) {
  for (std::size_t piece_bytes = 1; piece_bytes <= 10; ++piece_bytes) {
    for (std::size_t whole = 1; whole <= CachedReads::kWholeBytesMax; ++whole) {
      for (std::size_t offset = 0; offset + whole <= 10; ++offset) {
        Pieces source("0123456789", piece_bytes);
        CachedReads reads(source);
        ASSERT_EQ(text_of(reads.at(0, 1, 10)).substr(0, 1), "0");
        EXPECT_EQ(text_of(reads.at(offset, whole, 10)).substr(0, whole),
                  std::string("0123456789").substr(offset, whole))
            << "pieces of " << piece_bytes;
      }
    }
  }
}

TEST(CachedReads, ReportsTheErrorOfEachRead) {
  for (int fail_at = 1; fail_at <= 3; ++fail_at) {
    Pieces source("0123456789", 2);
    source.fail_at = fail_at;
    CachedReads reads(source);
    EXPECT_EQ(text_of(reads.at(1, 5, 10)), "error: the disk is gone");
    EXPECT_EQ(source.reads, fail_at);
    EXPECT_EQ(text_of(reads.at(1, 1, 10)), "1") << "what failed is not kept";
  }
}

}  // namespace
}  // namespace sconce::core
