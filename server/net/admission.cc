#include "server/net/admission.h"

#include <algorithm>

namespace sconce::server::net {

namespace {

namespace ip = boost::asio::ip;

constexpr std::size_t kNetworkBytes = 8;  // of an IPv6 address

ConnectionGate::Network network_of(const ip::address& address) {
  ip::address_v6::bytes_type bytes{};
  const bool is_mapped = address.is_v6() && address.to_v6().is_v4_mapped();
  if (address.is_v4()) bytes = ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes();
  else bytes = address.to_v6().to_bytes();
  ConnectionGate::Network network{};
  const std::size_t size = address.is_v4() || is_mapped ? bytes.size() : kNetworkBytes;
  std::copy_n(bytes.begin(), size, network.begin());
  return network;
}

}  // namespace

std::expected<ConnectionGate::Place, observe::Limit> ConnectionGate::admit(const ip::address& address) {
  const Network network = network_of(address);
  const std::lock_guard lock(mutex_);
  if (count_ >= count_max_) return std::unexpected(observe::Limit::connections);
  const auto found = counts_.try_emplace(network, 0).first;
  if (found->second >= per_address_max_) return std::unexpected(observe::Limit::connections_per_address);
  found->second += 1;
  count_ += 1;
  return Place(*this, network);
}

void ConnectionGate::leave(const Network& network) {
  const std::lock_guard lock(mutex_);
  count_ -= 1;
  const auto found = counts_.find(network);
  if (--found->second == 0) counts_.erase(found);
}

std::optional<MemoryBudget::Share> MemoryBudget::take(std::uint64_t bytes) {
  std::uint64_t used = used_.load();
  do {
    if (bytes > bytes_max_ || used > bytes_max_ - bytes) return std::nullopt;
  } while (!used_.compare_exchange_weak(used, used + bytes));
  return Share(*this, bytes);
}

}  // namespace sconce::server::net
