#include "server/net/admission.h"

#include <gtest/gtest.h>

namespace sconce::tests {
namespace {

using server::net::ConnectionGate;
using server::net::MemoryBudget;
using server::observe::Limit;

auto admit(ConnectionGate& gate, const char* address) { return gate.admit(boost::asio::ip::make_address(address)); }

TEST(ConnectionGate, CountsEachAddressForItself) {
  ConnectionGate gate(10, 1);
  const auto first = admit(gate, "192.0.2.1");
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(admit(gate, "192.0.2.2").has_value());
  const auto again = admit(gate, "192.0.2.1");
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error(), Limit::connections_per_address);
}

TEST(ConnectionGate, AnAddressThatCameAsIpv6IsTheSame) {
  ConnectionGate gate(10, 1);
  const auto first = admit(gate, "192.0.2.1");
  EXPECT_FALSE(admit(gate, "::ffff:192.0.2.1").has_value());
  EXPECT_TRUE(admit(gate, "::ffff:192.0.2.2").has_value());
}

TEST(ConnectionGate, ANetworkOf64BitsIsOneAddress) {
  ConnectionGate gate(10, 1);
  const auto first = admit(gate, "2001:db8:0:1::1");
  EXPECT_FALSE(admit(gate, "2001:db8:0:1:ffff::2").has_value());
  EXPECT_TRUE(admit(gate, "2001:db8:0:2::1").has_value());
}

TEST(ConnectionGate, APlaceIsGivenBack) {
  ConnectionGate gate(1, 1);
  {
    auto first = admit(gate, "192.0.2.1");
    ASSERT_TRUE(first.has_value());
    const ConnectionGate::Permit moved(std::move(*first));
    const auto another = admit(gate, "192.0.2.2");
    ASSERT_FALSE(another.has_value());
    EXPECT_EQ(another.error(), Limit::connections);
  }
  EXPECT_TRUE(admit(gate, "192.0.2.2").has_value());
}

TEST(MemoryBudget, GivesNoMoreThanThereIs) {
  MemoryBudget budget(100);
  {
    const auto most = budget.take(90);
    ASSERT_TRUE(most.has_value());
    EXPECT_FALSE(budget.take(11).has_value());
    EXPECT_TRUE(budget.take(10).has_value());
    EXPECT_FALSE(budget.take(UINT64_MAX).has_value());
  }
  EXPECT_TRUE(budget.take(100).has_value());
  EXPECT_FALSE(budget.take(101).has_value());
}

TEST(ConnectionGate, APlaceSaysWhoseItIs) {
  ConnectionGate connections(2, 2);
  ConnectionGate few(2, 1);
  const auto first = admit(connections, "192.0.2.1");
  const auto second = admit(connections, "192.0.2.1");
  ASSERT_TRUE(first.has_value() && second.has_value());
  const auto one = few.admit(first->network());
  ASSERT_TRUE(one.has_value());
  EXPECT_FALSE(few.admit(second->network()).has_value());
}

TEST(MemoryBudget, StrangersHaveAPartOfItAndTheOthersTheRest) {
  using enum MemoryBudget::Client;
  MemoryBudget budget(100);
  {
    const auto strangers = budget.take(25, stranger);
    ASSERT_TRUE(strangers.has_value());
    EXPECT_FALSE(budget.take(1, stranger).has_value());
    const auto others = budget.take(75, known);
    EXPECT_TRUE(others.has_value());
    EXPECT_FALSE(budget.take(1, known).has_value());
  }
  {
    const auto all = budget.take(100, known);
    ASSERT_TRUE(all.has_value()) << "what no stranger has is for all";
    EXPECT_FALSE(budget.take(1, stranger).has_value());
  }
  EXPECT_TRUE(budget.take(25, stranger).has_value()) << "and what was refused is given back, too";
}

TEST(MemoryBudget, CountsWhatIsHeldAlreadyAlsoBeyondTheLimit) {
  using enum MemoryBudget::Client;
  MemoryBudget budget(100);
  {
    auto share = budget.take(20, stranger);
    ASSERT_TRUE(share.has_value());
    share->count(120);
    EXPECT_EQ(budget.pool_of(known).taken_bytes(), 120U);
    EXPECT_FALSE(budget.take(1, known).has_value());
    EXPECT_FALSE(budget.take(1, stranger).has_value());
    share->count(10);
    EXPECT_TRUE(budget.take(90, known).has_value());
    EXPECT_TRUE(budget.take(15, stranger).has_value());
    EXPECT_FALSE(budget.take(16, stranger).has_value());
  }
  EXPECT_EQ(budget.pool_of(known).taken_bytes(), 0U);
  EXPECT_TRUE(budget.take(25, stranger).has_value());
}

TEST(MemoryBudget, IsDrawnFromByPools) {
  using enum MemoryBudget::Client;
  int refused = 0;
  MemoryBudget budget(100, [&refused] { refused += 1; });
  EXPECT_TRUE(budget.pool_of(stranger).take(25));
  EXPECT_FALSE(budget.pool_of(stranger).take(1));
  EXPECT_TRUE(budget.pool_of(known).take(75));
  EXPECT_FALSE(budget.pool_of(known).take(1));
  EXPECT_EQ(refused, 2);
  budget.pool_of(stranger).give_back(25);
  EXPECT_EQ(budget.pool_of(stranger).taken_bytes(), 75U) << "of all clients";
  EXPECT_TRUE(budget.pool_of(stranger).take(25));
}

}  // namespace
}  // namespace sconce::tests
