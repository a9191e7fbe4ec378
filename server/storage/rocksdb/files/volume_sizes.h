#pragma once

#include <cstdint>
#include <filesystem>

namespace sconce::server::storage {

/// Sizes that follow from how large the volume of the data is, so that a small one can be filled and emptied as a large
/// one can. With V the bytes of the volume:
///
///   reserve        V/32, 4 MiB to 1 GiB   is left free: for compactions, deletes and the log
///   ballast        V/64, 1 to 64 MiB      lies in a file, given up where opening the database needs it
///   memtable       V/512, 1 to 64 MiB     of one family before it is flushed; a compaction of level 0 takes 8 of them
///   blob file      V/64, 1 to 256 MiB     the least that blob garbage collection rewrites at once
///   manifest       V/64, 1 MiB to 1 GiB   of RocksDB, before it begins a new one; of V / 256 KiB files one holds
///   V/1700
struct VolumeSizes {
  std::uint64_t reserve_bytes = 0;
  std::uint64_t ballast_bytes = 0;
  std::uint64_t memtable_bytes_max = 0;
  std::uint64_t blob_file_bytes_max = 0;
  std::uint64_t manifest_bytes_max = 0;
};

/// What a compaction takes at once at the most, in memtables.
inline constexpr std::uint64_t kCompactionMemtables = 8;

VolumeSizes sizes_for_volume(std::uint64_t volume_bytes);

/// For the volume that holds `directory`; for a large one if that cannot be told. Threads: no state.
VolumeSizes sizes_for_volume_of(const std::filesystem::path& directory);

}  // namespace sconce::server::storage
