#include "server/net/admission.h"

#include <algorithm>
#include <utility>

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

/// Whether it was there to be taken.
bool add_up_to(std::atomic<std::uint64_t>& used, std::uint64_t bytes, std::uint64_t bytes_max) {
  std::uint64_t before = used.load();
  do {
    if (bytes > bytes_max || before > bytes_max - bytes) return false;
  } while (!used.compare_exchange_weak(before, before + bytes));
  return true;
}

}  // namespace

std::expected<ConnectionGate::Permit, observe::Limit> ConnectionGate::admit(const ip::address& address) {
  return admit(network_of(address));
}

std::expected<ConnectionGate::Permit, observe::Limit> ConnectionGate::admit(const Network& network) {
  const std::lock_guard lock(mutex_);
  if (count_ >= count_max_) return std::unexpected(observe::Limit::connections);
  const auto found = counts_.try_emplace(network, 0).first;
  if (found->second >= per_address_max_) return std::unexpected(observe::Limit::connections_per_address);
  found->second += 1;
  count_ += 1;
  return Permit(*this, network);
}

void ConnectionGate::leave(const Network& network) {
  const std::lock_guard lock(mutex_);
  count_ -= 1;
  const auto found = counts_.find(network);
  if (--found->second == 0) counts_.erase(found);
}

MemoryBudget::MemoryBudget(std::uint64_t bytes_max, std::function<void()> refused)
    : bytes_max_(bytes_max), strangers_bytes_max_(bytes_max / 4), refused_(std::move(refused)) {}

void MemoryBudget::Share::count(std::uint64_t bytes) {
  const std::uint64_t more = bytes - bytes_;  // modulo 2^64, as the counters are
  bytes_ = bytes;
  budget_->used_ += more;
  if (client_ == Client::stranger) budget_->used_by_strangers_ += more;
}

std::optional<MemoryBudget::Share> MemoryBudget::take(std::uint64_t bytes, Client client) {
  if (!add(bytes, client)) return std::nullopt;
  return Share(*this, bytes, client);
}

bool MemoryBudget::add(std::uint64_t bytes, Client client) {
  const bool is_stranger = client == Client::stranger;
  if (!is_stranger || add_up_to(used_by_strangers_, bytes, strangers_bytes_max_)) {
    if (add_up_to(used_, bytes, bytes_max_)) return true;
    if (is_stranger) used_by_strangers_ -= bytes;
  }
  refused_();
  return false;
}

void MemoryBudget::give_back(std::uint64_t bytes, Client client) noexcept {
  used_ -= bytes;
  if (client == Client::stranger) used_by_strangers_ -= bytes;
}

}  // namespace sconce::server::net
