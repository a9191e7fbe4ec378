// What the log hears of a volume that is full, and is not, and is.

#include "server/storage/rocksdb/files/space_news.h"

#include <gtest/gtest.h>

namespace sconce::tests {
namespace {

TEST(SpaceNews, TellsWhenItBeginsAndWhenItEnds) {
  std::string told;
  server::storage::SpaceNews news([&](const std::string& text) { told += text + ", "; });
  news.tell_overdue();
  news.begins("full");
  news.tell_overdue();
  news.ends("no longer");
  news.tell_overdue();
  EXPECT_EQ(told, "full, no longer, ");
}

TEST(SpaceNews, WhatChangesAgainAndAgainIsNotToldEachTime) {
  std::string told;
  server::storage::SpaceNews news([&](const std::string& text) { told += text + ", "; });
  for (int i = 0; i < 1'000; ++i) {
    news.begins("full");
    news.ends("no longer");
  }
  EXPECT_EQ(told, "full, no longer, ") << "within a minute, once; and nothing that is not so stays the last word";
}

TEST(SpaceNews, RefusalsAreToldOnceAMinute) {
  std::string told;
  server::storage::SpaceNews news([&](const std::string& text) { told += text + ", "; });
  for (int i = 0; i < 1'000; ++i) news.refuses("no room");
  news.begins("full");
  EXPECT_EQ(told, "no room, full, ");
}

}  // namespace
}  // namespace sconce::tests
