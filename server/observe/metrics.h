#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proto/http/requests/routes.h"
#include "server/storage/store_counters.h"
#include "server/storage/store_health.h"

namespace sconce::server::observe {

/// What is counted of one request. Sizes are those of bodies, without what HTTP puts around them.
struct AnsweredRequest {
  std::optional<proto::Endpoint> endpoint = {};       ///< Nothing: none takes it.
  std::string_view method = {};                       ///< Empty: the header could not be read.
  unsigned status = 0;                                ///< 100 to 599.
  std::uint64_t request_body_bytes = 0;               ///< As many as came before the answer.
  std::uint64_t response_body_bytes = 0;              ///< As many as were sent.
  std::chrono::steady_clock::duration duration = {};  ///< From the end of its header to the end of the answer.
};

/// What stops a client from taking more than its share.
enum class Limit : std::uint8_t {
  connections,              ///< A connection was turned away: there were as many as may be.
  connections_per_address,  ///< The same, of one address.
  requests,                 ///< A request was: as many were waiting for a thread as may.
  memory,                   ///< A request was: it would have held more than was left.
  header_time,              ///< A header did not come in time.
  body_rate,                ///< A body came too slowly.
  answer_rate,              ///< An answer was taken too slowly.
  drains,                   ///< What a refused client went on sending was not read: so many others' is.
};
inline constexpr std::size_t kLimitCount = static_cast<std::size_t>(Limit::drains) + 1;
std::string_view name_of(Limit limit);

/// What the process counts, for Prometheus; docs/operating.md lists it. Labels have few values, all known to the
/// program: nothing that a client makes up becomes one.
///
/// Lifetime: `store` is borrowed. Threads: safe from many. To count is to look up and to add: names and labels are made
/// when they first occur.
class Metrics {
 public:
  explicit Metrics(const storage::StoreCounters& store);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void count(const AnsweredRequest& request);
  void connection_opened();
  void connection_closed();
  void tls_handshake_failed();
  void limit_reached(Limit limit);

  /// All of it as it is now, with what the store serves and requests hold in memory, in the text format of Prometheus,
  /// version 0.0.4.
  std::string text(const storage::StoreHealth& health, std::uint64_t held_bytes) const;

 private:
  struct Families;

  const std::unique_ptr<Families> families_;
  const storage::StoreCounters& store_;
};

}  // namespace sconce::server::observe
