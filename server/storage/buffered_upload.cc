#include "server/storage/buffered_upload.h"

#include <algorithm>

namespace sconce::server::storage {

BufferedUpload::BufferedUpload(std::uint64_t bytes_max, std::optional<std::uint64_t> size_hint)
    : bytes_max_(bytes_max) {
  if (size_hint) bytes_.reserve(std::min(*size_hint, bytes_max));
}

Status BufferedUpload::write(std::span<const std::byte> bytes) {
  if (bytes.size() > bytes_max_ - bytes_.size()) {
    return core::fail(core::ErrorCode::limit_exceeded,
                      "the object is larger than the " + std::to_string(bytes_max_) + " bytes that the store takes");
  }
  bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  hasher_.update(bytes);
  return {};
}

}  // namespace sconce::server::storage
