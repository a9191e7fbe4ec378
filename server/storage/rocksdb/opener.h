#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/storage/rocksdb/database/database.h"
#include "server/storage/rocksdb/reader.h"
#include "server/storage/rocksdb/revision_pins.h"

namespace sconce::server::storage {

/// Opens objects, from what RocksDB has in memory and from the disk. Lifetime: all is borrowed. Threads: safe from
/// many. Errors: as CachedStore.
class RocksdbOpener {
 public:
  RocksdbOpener(RocksdbDatabase& database, RevisionPins& pins) : database_(database), pins_(pins) {}

  /// As those of CachedStore. `open_many_in_memory` opens no object that is in chunks.
  Result<std::unique_ptr<RevisionReader>> open(const std::string& key);
  std::optional<std::unique_ptr<RevisionReader>> open_in_memory(const std::string& key);
  std::optional<std::vector<std::unique_ptr<RevisionReader>>> open_many_in_memory(std::span<const std::string> keys,
                                                                                  std::uint64_t bytes_max);
  std::vector<Result<std::unique_ptr<RevisionReader>>> open_many(std::span<const std::string> keys);

 private:
  std::unique_ptr<RocksdbReader> reader_of(StoredObject object);
  bool load_from_memory(RocksdbReader& reader);
  void load_values(std::span<const std::unique_ptr<RocksdbReader>> readers, std::span<Status> failed);

  RocksdbDatabase& database_;
  RevisionPins& pins_;
};

}  // namespace sconce::server::storage
