#include "server/descriptors.h"

#include <algorithm>
#include <string>

namespace sconce::server {

namespace {

// Of the process and RocksDB: log, manifest, lock, directories, outputs of flushes and compactions, listening sockets.
constexpr std::uint64_t kOthers = 64;
constexpr std::uint64_t kTablesMin = 64;
constexpr std::uint64_t kTablesUsual = 1024;
constexpr std::uint64_t kUploadsMin = 16;
constexpr std::uint64_t kUploadsUsual = 512;
constexpr std::uint64_t kConnectionsUsual = 16'384;

core::Error too_few(const DescriptorNeeds& needs, std::uint64_t possible) {
  return {.code = core::ErrorCode::invalid_argument,
          .what = "of the " + std::to_string(needs.granted) + " descriptors that the system grants, " +
                  std::to_string(possible) + " are left for connections; raise its limit (ulimit -Hn)" +
                  (possible > 0 ? ", or lower --connections-max" : "")};
}

}  // namespace

core::Result<Descriptors> share_out_descriptors(const DescriptorNeeds& needs) {
  const std::uint64_t others = kOthers + needs.threads;
  const std::uint64_t left = needs.granted - std::min(needs.granted, others);
  const std::uint64_t possible = left - std::min(left, kTablesMin + kUploadsMin);
  if (possible == 0 || needs.connections_wanted > possible) return std::unexpected(too_few(needs, possible));
  std::uint64_t tables = std::clamp(left / 4, kTablesMin, kTablesUsual);
  std::uint64_t uploads = std::clamp(left / 8, kUploadsMin, kUploadsUsual);
  std::uint64_t connections = needs.connections_wanted;
  if (connections == 0)
    connections = std::clamp<std::uint64_t>(left - std::min(left, tables + uploads), 1, kConnectionsUsual);
  // Who names a number of connections has it, as long as there is the least of all else.
  if (connections + tables + uploads > left) {
    uploads = std::clamp((left - connections) / 3, kUploadsMin, kUploadsUsual);
    tables = std::clamp(left - connections - uploads, kTablesMin, kTablesUsual);
  }
  return Descriptors{.connections_max = static_cast<std::size_t>(connections),
                     .tables_open_max = static_cast<int>(tables),
                     .uploads_open_max = static_cast<std::size_t>(uploads)};
}

}  // namespace sconce::server
