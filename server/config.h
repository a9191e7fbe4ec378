#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "proto/http/access/rights.h"

namespace sconce::server {

/// Everything that can be set about the process. Every wait has a deadline here, every size a limit.
/// Threads: as a value.
struct Config {
  std::string listen_host = "127.0.0.1";  ///< An address, or `localhost`, which is this one.
  std::uint16_t listen_port = 7077;       ///< 0: any free one.
  std::filesystem::path data_dir = "data";
  std::filesystem::path
      classes_file;  ///< Layouts of classes with a payload of their own (core/classes/class_layout.h); may be empty.

  /// PEM: the server's certificate, and behind it those that lead to its authority; and its key. Both or none: then
  /// there is no TLS. These and the next are read again at SIGHUP.
  std::filesystem::path tls_cert_file;
  std::filesystem::path tls_key_file;
  std::filesystem::path tls_client_ca_file;  ///< PEM: clients must show a certificate of one of these; may be empty.

  std::filesystem::path
      tokens_file;  ///< Of proto/http/access/token_file.h; read again at SIGHUP; empty: there is none.
  std::optional<std::string> tokens_lines;  ///< Tokens besides, in the same form.
  /// What requests without a token may do. If it is not said: nothing where there are tokens; else everything, but then
  /// the server listens on loopback only.
  std::optional<proto::Anonymous> anonymous;

  /// The hosts that clients call the server by, beside addresses, `localhost` and names below it; requests for others
  /// are refused. If none are named, only a server that listens on loopback and asks for no tokens refuses others:
  /// there a page in a browser could reach it by a name of the page's own (DNS rebinding).
  std::vector<std::string> server_names;
  std::vector<std::string> cors_origins;  ///< `scheme://host[:port]`: pages of others that may write.

  unsigned io_threads = 0;  ///< 0: as many as the machine has.
  /// For reads that may block, and as many for writes; 0: four times as many as the machine has, 16 at least. Who waits
  /// for a commit holds one, so they bound how many commits can share a sync.
  unsigned worker_threads = 0;
  /// For pieces of large bodies and answers, at a lower priority, so that they hold up no short request; 0: as many as
  /// the machine has, 2 at least.
  unsigned bulk_threads = 0;

  /// Connections at once; more are turned away. Stops clients from taking all memory and descriptors. 0: as many as
  /// there are descriptors for, 16,384 at most.
  std::size_t connections_max = 0;
  /// The same, of one address (of IPv6: of one network of 64 bits). Stops one client from taking all connections.
  std::size_t connections_per_address_max = 1024;
  /// Requests that wait for a thread, or have one: of those that read, and of those that write. More are refused (503),
  /// so that nobody waits without end; this also bounds the commits that wait.
  std::size_t requests_max = 1024;
  /// The memory that the process may use. By default the least of what the machine has and what the control groups of
  /// the process allow. What follows and is not set is a part of it (server/sizes.h).
  std::optional<std::uint64_t> memory_granted_bytes;
  /// Of bodies and answers that requests under way hold; what would go beyond is refused (503). Stops many clients from
  /// taking all memory together.
  std::optional<std::uint64_t> memory_bytes_max;
  /// Of objects and records that have been read, kept in memory to be read again.
  std::optional<std::uint64_t> cache_bytes;
  std::size_t header_bytes_max = 16 * 1024;  ///< Stops a header without end.
  /// Of one body, and so of one object. Stops one request from filling the disk.
  std::uint64_t body_bytes_max = std::uint64_t{1} << 40;
  std::size_t batch_entries_max = 10'000;  ///< Of one batch. What is known of each waits in memory for the commit.
  /// Of the indices of one body that have to be remembered one by one (core/limits.h, which has the other limits of a
  /// body): 24 bytes each for storages, 48 for those that are not in order. Stops a body of nothing else from taking
  /// more memory than 100 MiB.
  std::size_t indices_max = std::size_t{1} << 21;
  /// Of a header of safetensors, which is held whole, and its tensors again: names of 200,000 tensors fit.
  std::size_t read_header_bytes_max = std::size_t{32} << 20;
  /// Refuse writes that have no condition (428), so that no client can overwrite what it has not seen.
  bool require_conditions = false;
  /// Of an object that has to be in memory whole: for a conversion, and to write shared parts in full. Stops one
  /// request from taking all memory.
  std::optional<std::uint64_t> held_bytes_max;
  /// What writing shared parts in full may make of an object. Stops 2^n bytes from n tables.
  std::optional<std::uint64_t> expanded_bytes_max;

  std::uint32_t handshake_timeout_ms = 10'000;  ///< For TLS to be agreed on, as a whole. Stops who connects and waits.
  std::uint32_t idle_timeout_ms = 75'000;       ///< Between requests. Frees what clients have forgotten.
  std::uint32_t header_timeout_ms = 10'000;     ///< For a header as a whole, from its first byte. Stops slowloris.
  /// How long a body, or who takes an answer, may stand still, and be slower than `bytes_per_second_min` before it has
  /// to make up for it. Stops clients that hold what a request costs by a byte now and then.
  std::uint32_t body_timeout_ms = 30'000;
  std::uint32_t write_timeout_ms = 30'000;
  std::uint64_t bytes_per_second_min = 1024;   ///< Of a body, and of an answer, in the long run.
  std::uint32_t shutdown_timeout_ms = 30'000;  ///< For what is under way to finish, once a signal came.
};

}  // namespace sconce::server
