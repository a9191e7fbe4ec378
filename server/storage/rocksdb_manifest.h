#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "core/error.h"

namespace sconce::server::storage {

/// What a manifest of RocksDB says of logs: from which one on each column family needs them. The rest of a manifest,
/// the list of files, is passed over.
class ManifestLogs {
 public:
  /// Takes one record. Errors: corrupt, also for what only a newer RocksDB writes.
  core::Status add(std::string_view record);

  /// Logs with a lower number are not read when the database is opened.
  std::uint64_t first_log() const;

 private:
  std::map<std::uint32_t, std::uint64_t> first_logs_;  // by column family
  std::uint64_t first_kept_ = 0;
};

}  // namespace sconce::server::storage
