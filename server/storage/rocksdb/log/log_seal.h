#pragma once

#include <rocksdb/write_batch.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sconce::server::storage {

/// How far the files of the database were synced at one moment: what lies before is on the disk, and stays there. A log
/// that is not named is not on the disk, or nobody knows.
struct SyncedPositions {
  std::uint64_t manifest = 0;  // its number
  std::uint64_t manifest_bytes = 0;
  std::map<std::uint64_t, std::uint64_t> log_bytes;  // by number

  /// Takes what `other` knows besides.
  void add(const SyncedPositions& other);
};

/// Known to the store alone, so that nothing that a client sends looks like a seal.
using SealSalt = std::array<char, 16>;

/// The end of each batch in the log, as data that RocksDB ignores. It says that the batch is whole, and
/// how far the files were synced when it was written: a seal that is there proves that these bytes were acknowledged.
/// Integers are little-endian.
///
///   offset  bytes  what
///   0       8      `SCNseal1`
///   8       16     the salt
///   24      8      size of the batch, without RocksDB's header of 12 bytes and the seal
///   32      8      its XXH3
///   40      16     the manifest: its number, and how many bytes of it are synced
///   56      1      n, at most 16
///   57      16 n   the newest logs: number, bytes that are synced
struct BatchSeal {
  SealSalt salt = {};
  std::uint64_t batch_bytes = 0;
  std::uint64_t batch_hash = 0;
  SyncedPositions synced;
};

std::string encode_seal(const BatchSeal& seal);
/// Nothing, if it is not a seal. Threads: no state.
std::optional<BatchSeal> decode_seal(std::string_view bytes);

/// Appends a seal to the batch.
void seal_batch(rocksdb::WriteBatch& batch, const SealSalt& salt, const SyncedPositions& synced);

/// A record of the log: one batch, or some that RocksDB wrote as one.
struct SealedRecord {
  std::uint64_t sequence = 0;
  std::uint64_t next_sequence = 0;
  std::vector<BatchSeal> seals;
  std::optional<std::string> layout;  // the version that it gives the data (`layout` in the default family)
};

/// Nothing, if it is no whole batch, or not what was sealed.
std::optional<SealedRecord> read_record(std::string_view record);

}  // namespace sconce::server::storage
