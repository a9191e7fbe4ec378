#pragma once

#include "server/storage/content_hasher.h"
#include "server/storage/revision_pins.h"
#include "server/storage/rocksdb_database.h"

namespace sconce::server::storage {

/// Reads one revision, holding one chunk of it.
class RocksdbReader final : public RevisionReader {
 public:
  /// `database` is borrowed.
  RocksdbReader(RocksdbDatabase& database, StoredObject object, RevisionPins::Pin pin);

  const ObjectMeta& meta() const override { return object_.meta; }
  Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) override;
  Result<std::string> description() override;
  void release() override { piece_.Reset(); }

  const Placement& placement() const { return object_.placement; }
  /// What `RocksdbDatabase::value_of` would give. Errors: corrupt, if it has another size.
  Status give_value(rocksdb::PinnableSlice value);

 private:
  /// Makes the piece that holds `offset` the one in `piece_`.
  Status load(std::uint64_t offset);
  Status load_value();
  Status load_chunk(std::uint64_t number);

  /// Goes on with the hash if `bytes`, at `offset`, are the next ones in order. Errors: corrupt, with the last ones.
  Status check(std::uint64_t offset, std::span<const std::byte> bytes);

  RocksdbDatabase& database_;
  const StoredObject object_;
  const RevisionPins::Pin pin_;
  rocksdb::PinnableSlice piece_;
  std::uint64_t piece_offset_ = 0;
  ContentHasher hasher_;
  std::uint64_t hashed_bytes_ = 0;
};

}  // namespace sconce::server::storage
