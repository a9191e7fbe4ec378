#include "server/storage/rocksdb/database/slice.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace sconce::server::storage {
namespace {

Revision sample() {
  Revision revision;
  std::uint8_t next = 0xf8;  // bytes with their highest bit, and a zero
  for (std::uint8_t& byte : revision.bytes) byte = next++;
  return revision;
}

TEST(SliceOfRevision, IsItsBytes) {
  const Revision revision = sample();
  const rocksdb::Slice slice = slice_of(revision);
  EXPECT_EQ(static_cast<const void*>(slice.data()), revision.bytes.data());
  EXPECT_EQ(slice.size(), revision.bytes.size());
}

TEST(SliceOfRevision, GivesTheRevisionBack) {
  const Revision revision = sample();
  const Result<Revision> read = revision_of(slice_of(revision));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, revision);
}

TEST(SliceOfRevision, OfAnotherSizeIsCorrupt) {
  for (std::size_t size = 0; size <= 2 * sizeof(Revision); ++size) {
    if (size == sizeof(Revision)) continue;
    const std::string bytes(size, 'x');
    const Result<Revision> read = revision_of(bytes);
    ASSERT_FALSE(read) << size;
    EXPECT_EQ(read.error().code, core::ErrorCode::corrupt) << size;
  }
}

}  // namespace
}  // namespace sconce::server::storage
