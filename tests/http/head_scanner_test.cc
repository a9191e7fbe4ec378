#include "server/net/connection/head_scanner.h"

#include <gtest/gtest.h>

#include <string>

namespace sconce::server::net {
namespace {

constexpr std::size_t kMax = 100;
constexpr std::string_view kHead = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

TEST(HeadScanner, AHeadEndsWithItsEmptyLine) {
  HeadScanner scanner(kMax);
  EXPECT_EQ(scanner.scan(std::string(kHead) + "behind"), kHead.size());
  EXPECT_EQ(scanner.minor_version_offset(), kHead.find('\r') - 1);
}

TEST(HeadScanner, CutAnywhereAsksForMoreAndThenEndsThere) {
  for (std::size_t size = 0; size < kHead.size(); ++size) {
    HeadScanner scanner(kMax);
    EXPECT_EQ(scanner.scan(kHead.substr(0, size)), 0U) << size;
    EXPECT_EQ(scanner.scan(kHead), kHead.size()) << size;
  }
}

TEST(HeadScanner, AByteMoreThanTheLimitIsTooLarge) {
  HeadScanner exact(kHead.size());
  EXPECT_EQ(exact.scan(kHead), kHead.size());
  HeadScanner smaller(kHead.size() - 1);
  const auto scanned = smaller.scan(kHead);
  ASSERT_FALSE(scanned);
  EXPECT_EQ(scanned.error().status, 431U);
}

TEST(HeadScanner, WhatIsWrongIsRefusedBeforeTheRestComes) {
  constexpr std::string_view kWrong[] = {"G@",
                                         " ",
                                         "GET / HTTP/1.2 \r\n",
                                         "GET /\"\" HTTP/1.1\r\n",
                                         "GET / HTTP/1.1\r\nA : b\r\n",
                                         "GET / HTTP/1.1\r\n:\r\n"};
  for (const std::string_view wrong : kWrong) {
    HeadScanner scanner(kMax);
    EXPECT_FALSE(scanner.scan(wrong)) << wrong;
  }
}

TEST(HeadScanner, WhatIsRefusedIsRefusedWhereverItIsCut) {
  struct Row {
    std::string_view head;
    unsigned status;
  };
  constexpr Row kRows[] = {{"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400}, {"GET / HTTP/1.1\nA: b\r\n\r\n", 400},
                           {"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", 400},    {"GET / HTTP/1.1\r\nA: \x01\r\n\r\n", 400},
                           {"GET / HTTP/2.0\r\nA: b\r\n\r\n", 505},       {"GET /\r\n\r\n", 400},
                           {"G@T / HTTP/1.1\r\nA: b\r\n\r\n", 400},       {"GET /{ HTTP/1.1\r\nA: b\r\n\r\n", 400},
                           {"GET / HTTP/1.1\r\nA b: c\r\n\r\n", 400},     {"GET / HTTP/1.1\r\nA\r\n\r\n", 400}};
  for (const Row& row : kRows) {
    for (std::size_t size = 0; size <= row.head.size(); ++size) {
      HeadScanner scanner(kMax);
      auto scanned = scanner.scan(row.head.substr(0, size));
      if (scanned) scanned = scanner.scan(row.head);
      ASSERT_FALSE(scanned) << row.head << size;
      EXPECT_EQ(scanned.error().status, row.status) << row.head << size;
    }
  }
}

}  // namespace
}  // namespace sconce::server::net
