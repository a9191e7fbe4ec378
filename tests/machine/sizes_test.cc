#include "server/sizes.h"

#include <gtest/gtest.h>

namespace sconce::tests {
namespace {

using server::Config;
using server::Sizes;
using server::sizes_of;

constexpr std::uint64_t kMiB = 1 << 20;

std::uint64_t sum(const Sizes& sizes) {
  return sizes.cache_bytes + 3 * sizes.write_buffer_bytes + sizes.request_bytes + sizes.outline_bytes;
}

TEST(Sizes, ArePartsOfTheMemoryAndBounded) {
  struct Row {
    std::uint64_t memory_mib;
    std::uint64_t cache_mib, write_buffer_mib, request_mib, outline_mib, held_mib, expanded_mib;
  };
  const Row rows[] = {{32, 8, 4, 32, 1, 1, 4},
                      {256, 32, 16, 64, 8, 8, 16},
                      {1024, 128, 64, 256, 32, 32, 64},
                      {4096, 512, 64, 512, 32, 64, 256},
                      {1 << 20, 1024, 64, 512, 32, 64, 256}};
  for (const Row& row : rows) {
    const Sizes sizes = sizes_of({}, {.memory_bytes = row.memory_mib * kMiB, .processors = 2});
    EXPECT_EQ(sizes.cache_bytes, row.cache_mib * kMiB) << row.memory_mib;
    EXPECT_EQ(sizes.write_buffer_bytes, row.write_buffer_mib * kMiB) << row.memory_mib;
    EXPECT_EQ(sizes.request_bytes, row.request_mib * kMiB) << row.memory_mib;
    EXPECT_EQ(sizes.outline_bytes, row.outline_mib * kMiB) << row.memory_mib;
    EXPECT_EQ(sizes.held_bytes_max, row.held_mib * kMiB) << row.memory_mib;
    EXPECT_EQ(sizes.expanded_bytes_max, row.expanded_mib * kMiB) << row.memory_mib;
    if (row.memory_mib < 256) continue;  // below, each has its least
    EXPECT_LT(sum(sizes), row.memory_mib * kMiB * 2 / 3) << row.memory_mib;
  }
}

TEST(Sizes, OfThreadsFollowTheProcessors) {
  const Sizes one = sizes_of({}, {.memory_bytes = 1 << 30, .processors = 1});
  EXPECT_EQ(one.io_threads, 1U);
  EXPECT_EQ(one.worker_threads, 16U);
  EXPECT_EQ(one.bulk_threads, 2U);
  const Sizes many = sizes_of({}, {.memory_bytes = 1 << 30, .processors = 64});
  EXPECT_EQ(many.io_threads, 64U);
  EXPECT_EQ(many.worker_threads, 256U);
  EXPECT_EQ(many.bulk_threads, 64U);
}

TEST(Sizes, AreWhatTheConfigurationSays) {
  Config config;
  config.cache_bytes = 0;
  config.memory_bytes_max = 7;
  config.held_bytes_max = 8;
  config.expanded_bytes_max = 9;
  config.io_threads = 3;
  config.worker_threads = 4;
  config.bulk_threads = 5;
  const Sizes sizes = sizes_of(config, {.memory_bytes = 1 << 30, .processors = 64});
  EXPECT_EQ(sizes.cache_bytes, 0U);
  EXPECT_EQ(sizes.request_bytes, 7U);
  EXPECT_EQ(sizes.held_bytes_max, 8U);
  EXPECT_EQ(sizes.expanded_bytes_max, 9U);
  EXPECT_EQ(sizes.io_threads, 3U);
  EXPECT_EQ(sizes.worker_threads, 4U);
  EXPECT_EQ(sizes.bulk_threads, 5U);
}

TEST(Sizes, AreOfTheMemoryThatTheConfigurationGrants) {
  Config config;
  config.memory_granted_bytes = 256 * kMiB;
  const Sizes sizes = sizes_of(config, {.memory_bytes = 64'000 * kMiB, .processors = 1});
  EXPECT_EQ(sizes.memory_bytes, 256 * kMiB);
  EXPECT_EQ(sizes.cache_bytes, 32 * kMiB);
}

TEST(Sizes, AreSaid) {
  EXPECT_EQ(to_string(sizes_of({}, {.memory_bytes = 256 * kMiB, .processors = 2})),
            "memory 256 MiB: cache 32 MiB, requests 64 MiB, write buffers 16 MiB, objects held whole 8 MiB; processors "
            "2: threads 2 for I/O, 16 for reads, 16 for writes, 2 for bulk");
}

}  // namespace
}  // namespace sconce::tests
