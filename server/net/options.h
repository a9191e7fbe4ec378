#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "server/net/sites.h"

namespace sconce::server::net {

/// See server/config.h, of which this is a part. Threads: as a value.
struct NetOptions {
  std::string listen_host;
  std::uint16_t listen_port;
  unsigned io_threads;
  unsigned worker_threads;
  unsigned bulk_threads;
  std::size_t connections_max;
  std::size_t connections_per_address_max;
  std::size_t requests_max;
  std::size_t header_bytes_max;
  std::uint64_t body_bytes_max;
  std::uint32_t handshake_timeout_ms;
  std::uint32_t idle_timeout_ms;
  std::uint32_t header_timeout_ms;
  std::uint32_t body_timeout_ms;
  std::uint32_t write_timeout_ms;
  std::uint64_t bytes_per_second_min;
  std::uint32_t shutdown_timeout_ms;
  SiteOptions sites = {};
};

}  // namespace sconce::server::net
