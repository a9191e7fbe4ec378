#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "server/storage/content_hasher.h"
#include "server/storage/rocksdb/database/database.h"
#include "server/storage/rocksdb/revision_pins.h"

namespace sconce::server::storage {

/// Reads one revision, holding one chunk of it, or all that it was given.
/// Lifetime: the database and the pins outlive it. Threads: one at a time. Errors: as RevisionReader.
class RocksdbReader final : public RevisionReader {
 public:
  /// `database` is borrowed.
  RocksdbReader(RocksdbDatabase& database, StoredObject object, std::vector<RevisionPins::Pin> pins);

  const ObjectMeta& meta() const override { return object_.meta; }
  Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) override;
  Result<std::string> description() override;
  bool is_in_memory() const override { return is_in_memory_; }
  std::uint64_t held_bytes() const override;
  void release() override;

  const Placement& placement() const { return object_.placement(); }
  bool is_value() const { return object_.is_value(); }
  /// Whether its bytes are those of the first chunks of one placement.
  bool begins_its_placement() const;
  /// The number of these.
  std::uint64_t chunk_count() const;
  /// What `RocksdbDatabase::value_of` would give. Errors: corrupt, if it has another size.
  Status give_value(rocksdb::PinnableSlice value);
  /// The same of all chunks, in order, where it begins its placement: nothing is read from the database then.
  Status give_chunks(std::vector<rocksdb::PinnableSlice> chunks);

 private:
  /// Makes the piece that holds `offset` the one in `piece_`.
  Status load(std::uint64_t offset);
  Status load_value();
  Status load_chunk(std::uint64_t offset);
  void load_given(std::uint64_t number);
  void find_extent(std::uint64_t offset);
  bool is_worth_keeping(std::uint64_t offset) const;

  /// Goes on with the hash if `bytes`, at `offset`, are the next ones in order. Errors: corrupt, with the last ones.
  Status check(std::uint64_t offset, std::span<const std::byte> bytes);

  RocksdbDatabase& database_;
  const StoredObject object_;
  const std::vector<RevisionPins::Pin> pins_;
  std::vector<rocksdb::PinnableSlice> chunks_;  // all of them, if they were given
  rocksdb::PinnableSlice held_;                 // else the piece
  std::size_t extent_ = 0;                      // of it
  std::uint64_t extent_begin_ = 0;              // in the object
  std::string_view piece_;
  std::uint64_t piece_offset_ = 0;
  bool is_in_memory_ = false;
  std::optional<ContentHasher> hasher_;
  std::uint64_t hashed_bytes_ = 0;
  std::uint64_t kept_bytes_ = 0;
};

}  // namespace sconce::server::storage
