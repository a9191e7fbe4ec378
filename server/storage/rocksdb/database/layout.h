#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "server/storage/rocksdb/database/instance.h"
#include "server/storage/rocksdb/log/log_files.h"

namespace sconce::server::storage {

/// Of the column family `default`: the version of the layout of the data, as text.
inline constexpr std::string_view kLayoutKey = "layout";
/// Likewise: the greatest revision so far.
inline constexpr std::string_view kLastRevisionKey = "last";
/// Likewise: what the keys of packs begin with; the id of the pack follows.
inline constexpr std::string_view kPackKeys = "pack";

/// The version of the layout that the data has. A program reads older versions than its own, and raises the version
/// with the first write, so that until then the older program can be started again.
///
/// Threads: `read`, `check` and `begin` while nothing is written; `raise` safe from many. Errors, all functions:
/// io_error, no_space.
class DataLayout {
 public:
  /// `tell` is told of an older version when it is found, and when it is raised. Lifetime: `logs` outlives this.
  DataLayout(LogFiles& logs, std::function<void(const std::string&)> tell);

  /// Empty if there is none: a new database.
  static Result<std::string> read(RocksdbInstance& instance);
  /// Errors: a version that this program does not know.
  static Status check(const std::string& version);

  /// Of a database that is open to be written: a new one gets the version of this program. Errors: as `check`.
  Status begin(RocksdbInstance& instance);
  /// Before anything is stored. Costs nothing where the version is this program's. The version is on the disk when it
  /// returns.
  Status raise(RocksdbInstance& instance);
  /// Whether it is this program's. Threads: safe from many.
  bool is_newest() const { return !is_older_; }

 private:
  Status write(RocksdbInstance& instance);

  LogFiles& logs_;
  const std::function<void(const std::string&)> tell_;
  std::atomic<bool> is_older_ = false;
  std::mutex raising_;
  std::string version_;  // that was found
};

}  // namespace sconce::server::storage
