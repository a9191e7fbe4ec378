#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proto/routes.h"
#include "server/storage/store_counters.h"

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

/// What the process counts, for Prometheus; docs/operating.md lists it. Labels have few values, all known to the
/// program: nothing that a client makes up becomes one.
///
/// Threads: safe from many. To count is to look up and to add: names and labels are made when they first occur.
class Metrics {
 public:
  /// `store` is borrowed.
  explicit Metrics(const storage::StoreCounters& store);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void count(const AnsweredRequest& request);
  void connection_opened();
  void connection_closed();
  void tls_handshake_failed();

  /// All of it as it stands now, in the text format of Prometheus, version 0.0.4.
  std::string text() const;

 private:
  struct Families;

  const std::unique_ptr<Families> families_;
  const storage::StoreCounters& store_;
};

}  // namespace sconce::server::observe
