#include "server/api/objects/outline_cache.h"

#include <gtest/gtest.h>

namespace sconce::tests {
namespace {

using server::api::OutlineCache;
using server::storage::Revision;

Revision revision(int number) { return {{static_cast<std::uint8_t>(number)}}; }

/// Of so many parts; one takes some hundred bytes.
OutlineCache::Outline outline_of(std::size_t parts) {
  core::Outline outline;
  outline.parts.resize(parts);
  return std::make_shared<const core::Outline>(std::move(outline));
}

TEST(OutlineCache, FindsWhatItKeeps) {
  OutlineCache cache(1 << 20);
  const auto outline = outline_of(3);
  EXPECT_EQ(cache.find(revision(1)), nullptr);
  cache.keep(revision(1), outline);
  EXPECT_EQ(cache.find(revision(1)), outline);
  EXPECT_EQ(cache.find(revision(2)), nullptr);
  cache.keep(revision(1), outline_of(3));  // by another thread, at the same time
  EXPECT_EQ(cache.find(revision(1)), outline);
}

TEST(OutlineCache, WhatWasUsedLeastGoes) {
  OutlineCache cache(1 << 20);
  const std::size_t parts = (1 << 20) / sizeof(core::OutlinePart) / 3 - 1;  // there is room for three
  for (const int number : {1, 2, 3}) cache.keep(revision(number), outline_of(parts));
  EXPECT_NE(cache.find(revision(1)), nullptr);
  cache.keep(revision(4), outline_of(parts));
  EXPECT_EQ(cache.find(revision(2)), nullptr);
  for (const int number : {1, 3, 4}) EXPECT_NE(cache.find(revision(number)), nullptr) << number;
}

TEST(OutlineCache, NamesAndSizesAreCounted) {
  OutlineCache cache(1 << 20);
  core::Outline outline;
  outline.parts.resize(1);
  outline.parts[0].sizes.resize(1 << 16);
  outline.parts[0].strides.resize(1 << 16);
  cache.keep(revision(1), std::make_shared<const core::Outline>(outline));
  EXPECT_EQ(cache.find(revision(1)), nullptr);
  outline.parts[0].sizes.resize(1);
  outline.parts[0].sizes.shrink_to_fit();
  outline.parts[0].key = std::string(1 << 19, 'x');
  cache.keep(revision(1), std::make_shared<const core::Outline>(outline));
  EXPECT_EQ(cache.find(revision(1)), nullptr);
}

TEST(OutlineCache, WhatIsLargerThanItIsNotKept) {
  OutlineCache cache(1 << 20);
  cache.keep(revision(1), outline_of(3));
  cache.keep(revision(2), outline_of((1 << 20) / sizeof(core::OutlinePart) + 1));
  EXPECT_NE(cache.find(revision(1)), nullptr);
  EXPECT_EQ(cache.find(revision(2)), nullptr);
}

}  // namespace
}  // namespace sconce::tests
