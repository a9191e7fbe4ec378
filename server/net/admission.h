#pragma once

#include <array>
#include <atomic>
#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "core/memory_pool.h"
#include "server/observe/metrics.h"

namespace sconce::server::net {

/// Counts the connections that are open, of all and of each address. An IPv6 client has a network of 64 bits to itself,
/// which counts as one address. Threads: safe from many.
class ConnectionGate {
 public:
  using Network = std::array<unsigned char, 16>;

  ConnectionGate(std::size_t count_max, std::size_t per_address_max)
      : count_max_(count_max), per_address_max_(per_address_max) {}

  /// One connection's permit, given back with it. Lifetime: no longer than the gate.
  class Permit {
   public:
    Permit(ConnectionGate& gate, const Network& network) : gate_(&gate), network_(network) {}
    ~Permit() {
      if (gate_ != nullptr) gate_->leave(network_);
    }
    Permit(Permit&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)), network_(other.network_) {}
    Permit& operator=(Permit&&) = delete;

    /// Whose permit it is.
    const Network& network() const { return network_; }

   private:
    ConnectionGate* gate_;
    Network network_;
  };

  /// Errors: the limit that it would break.
  std::expected<Permit, observe::Limit> admit(const boost::asio::ip::address& address);
  std::expected<Permit, observe::Limit> admit(const Network& network);

 private:
  void leave(const Network& network);

  const std::size_t count_max_;
  const std::size_t per_address_max_;
  std::mutex mutex_;
  std::size_t count_ = 0;
  std::map<Network, std::size_t> counts_;
};

/// Bytes that requests hold in memory, over all threads. Only a part of them is for strangers, so that however many of
/// those there are, the rest is there for the others. Threads: safe from many.
class MemoryBudget {
 public:
  /// Strangers: clients without a token, where there are tokens.
  enum class Client : std::uint8_t { known, stranger };

  /// `refused` is called each time that something cannot be had, on any thread.
  explicit MemoryBudget(std::uint64_t bytes_max, std::function<void()> refused = [] {});
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  /// Some of it, given back with it. Lifetime: no longer than the budget.
  class Share {
   public:
    Share(MemoryBudget& budget, std::uint64_t bytes, Client client)
        : budget_(&budget), bytes_(bytes), client_(client) {}
    ~Share() {
      if (budget_ != nullptr) budget_->give_back(bytes_, client_);
    }
    Share(Share&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), bytes_(other.bytes_), client_(other.client_) {}
    Share& operator=(Share&&) = delete;

    /// It is as much as this from here on, also where that is more than there is: what is held already is counted, so
    /// that the next ones are refused.
    void count(std::uint64_t bytes);

   private:
    MemoryBudget* budget_;
    std::uint64_t bytes_;
    Client client_;
  };

  /// Nothing if there is not as much left.
  std::optional<Share> take(std::uint64_t bytes, Client client = Client::known);

  /// The same for what does not know of clients. Lifetime: the budget's.
  core::MemoryPool& pool_of(Client client) { return client == Client::known ? known_ : strangers_; }

 private:
  class Pool final : public core::MemoryPool {
   public:
    Pool(MemoryBudget& budget, Client client) : budget_(budget), client_(client) {}
    bool take(std::uint64_t bytes) override { return budget_.add(bytes, client_); }
    void give_back(std::uint64_t bytes) noexcept override { budget_.give_back(bytes, client_); }
    std::uint64_t taken_bytes() const override { return budget_.used_; }

   private:
    MemoryBudget& budget_;
    const Client client_;
  };

  bool add(std::uint64_t bytes, Client client);
  void give_back(std::uint64_t bytes, Client client) noexcept;

  const std::uint64_t bytes_max_;
  const std::uint64_t strangers_bytes_max_;
  const std::function<void()> refused_;
  std::atomic<std::uint64_t> used_ = 0;
  std::atomic<std::uint64_t> used_by_strangers_ = 0;
  Pool known_{*this, Client::known};
  Pool strangers_{*this, Client::stranger};
};

}  // namespace sconce::server::net
