#include "server/storage/rocksdb/files/volume_sizes.h"

#include <algorithm>
#include <system_error>

namespace sconce::server::storage {

namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kLargeVolumeBytes = std::uint64_t{1} << 40;

}  // namespace

VolumeSizes sizes_for_volume(std::uint64_t volume_bytes) {
  return {.reserve_bytes = std::clamp(volume_bytes / 32, 4 * kMiB, 1024 * kMiB),
          .ballast_bytes = std::clamp(volume_bytes / 64, kMiB, 64 * kMiB),
          .memtable_bytes_max = std::clamp(volume_bytes / 512, kMiB, 64 * kMiB),
          .blob_file_bytes_max = std::clamp(volume_bytes / 64, kMiB, 256 * kMiB),
          .manifest_bytes_max = std::clamp(volume_bytes / 64, kMiB, 1024 * kMiB)};
}

VolumeSizes sizes_for_volume_of(const std::filesystem::path& directory) {
  std::error_code failed;
  const std::filesystem::space_info volume = std::filesystem::space(directory, failed);
  return sizes_for_volume(failed || volume.capacity == 0 ? kLargeVolumeBytes : volume.capacity);
}

}  // namespace sconce::server::storage
