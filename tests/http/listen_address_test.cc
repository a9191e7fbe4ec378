#include "server/net/listen_address.h"

#include <gtest/gtest.h>

namespace sconce::server::net {
namespace {

TEST(ListenAddress, LoopbackIsWhatOnlyThisMachineReaches) {
  for (const char* const host : {"127.0.0.1", "127.0.0.2", "127.255.255.255", "::1", "localhost"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
  for (const char* const host : {"0.0.0.0", "::", "128.0.0.1", "10.0.0.1", "fe80::1", "::ffff:127.0.0.1", "",
                                 "127.0.0.1:80", "[::1]", "localhost.example", "store"}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

TEST(ListenAddress, OfNamesOnlyLocalhostHasOne) {
  EXPECT_EQ(listen_address("localhost"), "127.0.0.1");
  EXPECT_EQ(listen_address("::1"), "::1");
  EXPECT_EQ(listen_address("store"), std::nullopt);
  EXPECT_EQ(listen_address("a.localhost"), std::nullopt) << "a resolver may take it elsewhere";
}

TEST(ListenAddress, AnIpv6AddressStandsInBracketsBeforeItsPort) {
  EXPECT_EQ(host_and_port("::1", 7077), "[::1]:7077");
  EXPECT_EQ(host_and_port("127.0.0.1", 7077), "127.0.0.1:7077");
  EXPECT_EQ(host_and_port("localhost", 1), "localhost:1");
}

}  // namespace
}  // namespace sconce::server::net
