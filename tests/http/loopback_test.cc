#include "server/net/loopback.h"

#include <gtest/gtest.h>

namespace sconce::server::net {
namespace {

TEST(Loopback, IsWhatOnlyThisMachineReaches) {
  for (const char* const address : {"127.0.0.1", "127.0.0.2", "127.255.255.255", "::1"}) {
    EXPECT_TRUE(is_loopback(address)) << address;
  }
  for (const char* const address : {"0.0.0.0", "::", "128.0.0.1", "10.0.0.1", "fe80::1", "::ffff:127.0.0.1",
                                    "localhost", "", "127.0.0.1:80", "[::1]"}) {
    EXPECT_FALSE(is_loopback(address)) << address;
  }
}

}  // namespace
}  // namespace sconce::server::net
