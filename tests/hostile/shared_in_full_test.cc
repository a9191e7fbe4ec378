// Objects that share, written with everything in full: 2^n parts of n tables.

#include <gtest/gtest.h>

#include <memory>

#include "core/event/null_sink.h"
#include "proto/formats/convert/object_output.h"
#include "tests/hostile/wire.h"

namespace sconce::tests {
namespace {

/// How many bytes it has in full, or why not.
core::Result<std::uint64_t> written_in_full(const std::string& bytes, std::uint64_t bytes_max) {
  auto source = std::make_shared<core::MemorySource>(std::as_bytes(std::span(bytes)));
  const core::ClassLayouts classes;
  auto object = core::ObjectParts::open(source, nullptr, {.classes = &classes});
  if (!object) return std::unexpected(object.error());
  core::CountingSink count;
  auto output = proto::begin_output(**object, {.format = proto::ObjectFormat::binary, .referenced = false}, count,
                                    {.expanded_bytes_max = bytes_max});
  if (!output) return std::unexpected(output.error());
  while (!(*output)->done()) {
    if (core::Status advanced = (*output)->advance(); !advanced) return std::unexpected(advanced.error());
  }
  return count.size_bytes();
}

// A table is 12 bytes, and a key in front of it as many: 2^10 tables without entries, and 2^10 - 1 with two each.
constexpr std::uint64_t kBytes = 12 * ((1 << 11) - 1) + 12 * ((1 << 11) - 2);

TEST(SharedInFull, EveryByteOfItCounts) {
  EXPECT_EQ(written_in_full(doubled_tables(10), kBytes), kBytes);
  const auto refused = written_in_full(doubled_tables(10), kBytes - 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, core::ErrorCode::limit_exceeded);
  EXPECT_EQ(refused.error().what, "what is shared, written in full, has more than 49115 bytes");
}

}  // namespace
}  // namespace sconce::tests
