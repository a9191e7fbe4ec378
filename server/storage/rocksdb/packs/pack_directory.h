#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/store.h"

namespace sconce::server::storage {

/// A pack begins with `SCNPACK` and a zero, the version (4 bytes, little-endian), the id and the XXH3-64 of these, in a
/// page of its own.
inline constexpr std::uint64_t kPackHeadBytes = 4096;

/// What a pack takes of its volume.
struct PackSpace {
  std::uint64_t bytes = 0;  ///< Without its holes, and without what a file system keeps beside.
  std::uint64_t names = 0;  ///< With more than one, it is not given back by a removal.
};

/// The files of packs: `packs/<32 hexadecimal digits>.pack`. Threads: safe from many; a file, one at a time. Lifetime:
/// holds the file system. Errors, all functions: io_error, no_space.
class PackDirectory {
 public:
  PackDirectory(std::shared_ptr<rocksdb::FileSystem> files, std::filesystem::path directory)
      : files_(std::move(files)), directory_(std::move(directory)) {}

  std::string path_of(const Revision& pack) const;

  /// A new pack with its head, to be written on from there. Its name is on the disk when it returns.
  Result<std::unique_ptr<rocksdb::FSRandomRWFile>> create(const Revision& pack);
  /// Errors: corrupt, if it is missing.
  Result<std::unique_ptr<rocksdb::FSRandomAccessFile>> open(const Revision& pack);
  /// Cuts off what is after `size_bytes`.
  Status truncate(const Revision& pack, std::uint64_t size_bytes);
  Status remove(const Revision& pack);
  /// Gives back the space of this part of a pack, which reads as zeros from then on. Does nothing on a volume that
  /// cannot do that. Errors: unavailable, if there is no descriptor for it.
  Status punch(const Revision& pack, std::uint64_t offset, std::uint64_t size_bytes);

  /// The names of the file; 0 where there is no file. One with another name, a backup's for instance, must not be
  /// changed.
  Result<std::uint64_t> count_names(const Revision& pack);
  Result<std::uint64_t> size_of(const Revision& pack);
  /// Nothing where there is no file.
  Result<PackSpace> space_of(const Revision& pack);

  /// All packs that are there, in order. What others put there is left out.
  Result<std::vector<Revision>> list();

 private:
  Status make();

  const std::shared_ptr<rocksdb::FileSystem> files_;
  const std::filesystem::path directory_;
  std::mutex making_;
  bool is_made_ = false;  // and its name synced
};

/// Nothing but a name that `path_of` makes.
std::optional<Revision> pack_of_name(std::string_view name);

}  // namespace sconce::server::storage
