#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/storage/rocksdb/database/database.h"
#include "server/storage/rocksdb/hot_objects.h"
#include "server/storage/rocksdb/reader.h"
#include "server/storage/rocksdb/revision_pins.h"

namespace sconce::server::storage {

/// Opens objects: from what is hot, from what is in memory, and from the disk. Threads: safe from many.
class RocksdbOpener {
 public:
  /// All are borrowed.
  RocksdbOpener(RocksdbDatabase& database, HotObjects& hot, RevisionPins& pins)
      : database_(database), hot_(hot), pins_(pins) {}

  /// As those of Store.
  Result<std::unique_ptr<RevisionReader>> open(const std::string& key);
  std::optional<std::unique_ptr<RevisionReader>> open_in_memory(const std::string& key);
  std::optional<std::vector<std::unique_ptr<RevisionReader>>> open_many_in_memory(std::span<const std::string> keys,
                                                                                  std::uint64_t bytes_max);
  std::vector<Result<std::unique_ptr<RevisionReader>>> open_many(std::span<const std::string> keys);

 private:
  std::unique_ptr<RocksdbReader> reader_of(StoredObject object);
  std::vector<std::size_t> open_hot(std::span<const std::string> keys,
                                    std::span<std::unique_ptr<RevisionReader>> opened);
  bool hold(std::span<const std::string> keys, std::span<const HotObjects::Stamp> stamps);
  bool read_in_memory(std::span<const std::string> keys, std::span<const HotObjects::Stamp> stamps,
                      std::span<const std::size_t> places, std::uint64_t bytes_max,
                      std::span<std::unique_ptr<RevisionReader>> opened);
  bool keep_hot(const std::string& key, HotObjects::Stamp stamp, RocksdbReader& reader);
  bool load_from_memory(RocksdbReader& reader);
  void load_values(std::span<const std::unique_ptr<RocksdbReader>> readers, std::span<Status> failed);

  RocksdbDatabase& database_;
  HotObjects& hot_;
  RevisionPins& pins_;
};

}  // namespace sconce::server::storage
