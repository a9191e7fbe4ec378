#include "core/bytes/byte_buffer.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace sconce::core {
namespace {

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void append(ByteBuffer& buffer, const std::string& text) { buffer.append(std::as_bytes(std::span(text))); }

TEST(ByteBuffer, HoldsWhatWasAppended) {
  ByteBuffer buffer(10);
  append(buffer, "");
  EXPECT_EQ(buffer.bytes().size(), 0U);
  append(buffer, "abc");
  append(buffer, "");
  append(buffer, "defghij");
  EXPECT_EQ(text_of(buffer.bytes()), "abcdefghij");
}

// A size that is announced is not allocated: this one would not fit into any memory.
TEST(ByteBuffer, DoesNotBelieveTheSizeThatIsAnnounced) {
  ByteBuffer buffer(UINT64_MAX);
  append(buffer, "abc");
  EXPECT_EQ(text_of(buffer.bytes()), "abc");
}

TEST(ByteBuffer, HoldsMoreThanWasAnnounced) {
  ByteBuffer buffer(1);
  std::string all;
  for (int i = 0; i < 1000; ++i) {
    append(buffer, std::to_string(i));
    all += std::to_string(i);
  }
  EXPECT_EQ(text_of(buffer.bytes()), all);
}

TEST(ByteBuffer, BytesStayWhereTheyAreWhenTheyAreReleased) {
  std::shared_ptr<const void> owner;
  std::span<const std::byte> bytes;
  {
    ByteBuffer buffer(3);
    append(buffer, "abc");
    bytes = buffer.bytes();
    owner = buffer.release();
  }
  EXPECT_EQ(owner.get(), bytes.data());
  EXPECT_EQ(text_of(bytes), "abc");
}

}  // namespace
}  // namespace sconce::core
