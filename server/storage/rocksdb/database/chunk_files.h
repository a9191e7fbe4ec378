#pragma once

#include <rocksdb/sst_file_writer.h>

#include <memory>
#include <string>
#include <vector>

#include "server/storage/rocksdb/database/stored_object.h"

namespace sconce::server::storage {

class RocksdbDatabase;

/// A chunk is what is read at once, so a small part of a large object costs one; and what an upload holds in memory.
inline constexpr std::uint32_t kChunkBytes = 256 << 10;

/// The key of chunk `number` of an upload: 16 bytes, then the number, big-endian, so that an upload's chunks lie
/// together and in order.
std::string chunk_key(const Revision& upload, std::uint64_t number);
/// What the upload said of itself stands behind its chunks, under this number.
inline constexpr std::uint64_t kDescriptionNumber = std::uint64_t{1} << 63;
inline constexpr std::uint64_t kChunkNumberMax = ~std::uint64_t{0};
/// The first key of an upload's first file, with no value. RocksDB reads the first block of a file to take it in; this
/// one is small. Files of layouts before 4 have none.
std::string front_key(const Revision& upload);

/// Writes the chunks of one upload to files that RocksDB can take in as they are. What was not taken in goes with this.
/// Lifetime: `database` is borrowed. Threads: one at a time.
class RocksdbChunkFiles {
 public:
  RocksdbChunkFiles(RocksdbDatabase& database, const Revision& upload);
  ~RocksdbChunkFiles();
  RocksdbChunkFiles(const RocksdbChunkFiles&) = delete;
  RocksdbChunkFiles& operator=(const RocksdbChunkFiles&) = delete;

  const Revision& upload() const { return upload_; }

  /// Adds the next chunk: kChunkBytes, fewer in the last one. Errors: io_error, no_space.
  Status add(std::span<const std::byte> chunk);
  /// Behind the last chunk. Errors: the same.
  Status add_description(std::string_view description);

  /// Ends the last file; all are on the disk when it returns.
  Status finish();

  const std::vector<std::string>& files() const { return files_; }

  /// They have been taken in, and are the database's.
  void disown() noexcept { files_.clear(); }
  /// Removes one that will not be taken in; false if there is none.
  bool remove_file() noexcept;

 private:
  Status put(std::uint64_t number, std::span<const std::byte> bytes);
  Status put(const std::string& key, std::span<const std::byte> bytes);
  Status open_next();
  Status close_current();

  RocksdbDatabase& database_;
  const Revision upload_;
  std::unique_ptr<rocksdb::SstFileWriter> writer_;
  std::uint64_t chunks_ = 0;
  std::uint64_t file_bytes_ = 0;
  std::vector<std::string> files_;
};

}  // namespace sconce::server::storage
