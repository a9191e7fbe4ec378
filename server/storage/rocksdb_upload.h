#pragma once

#include <memory>
#include <optional>
#include <string>

#include "server/storage/content_hasher.h"
#include "server/storage/revision_clock.h"
#include "server/storage/rocksdb_chunk_files.h"
#include "server/storage/rocksdb_database.h"

namespace sconce::server::storage {

/// An upload that becomes one value, or chunks once it is larger than one chunk. Holds one chunk in memory.
/// Threads: one at a time.
class RocksdbUpload final : public Upload {
 public:
  /// `database` and `clock` are borrowed.
  RocksdbUpload(RocksdbDatabase& database, RevisionClock& clock, std::uint64_t bytes_max);
  Status write(std::span<const std::byte> bytes) override;

  /// Nothing more will come; what became chunks is on the disk when it returns.
  Status finish();

  std::uint64_t size_bytes() const { return size_bytes_; }
  ContentHash content_hash() const { return hasher_.digest(); }
  /// Of a small object: all of it.
  const std::string& value() const { return buffer_; }
  /// Nothing for a small object.
  std::optional<ChunkedBytes> chunks() const;
  const std::vector<std::string>& files() const;

 private:
  Status add_chunk(std::span<const std::byte> chunk);

  RocksdbDatabase& database_;
  RevisionClock& clock_;
  const std::uint64_t bytes_max_;
  std::uint64_t size_bytes_ = 0;
  ContentHasher hasher_;
  std::string buffer_;  // what does not fill a chunk yet
  std::unique_ptr<RocksdbChunkFiles> chunk_files_;
};

}  // namespace sconce::server::storage
