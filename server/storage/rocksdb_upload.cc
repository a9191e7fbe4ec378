#include "server/storage/rocksdb_upload.h"

#include <algorithm>

namespace sconce::server::storage {

RocksdbUpload::RocksdbUpload(RocksdbDatabase& database, RevisionClock& clock, std::uint64_t bytes_max)
    : database_(database), clock_(clock), bytes_max_(bytes_max) {}

Status RocksdbUpload::write(std::span<const std::byte> bytes) {
  if (bytes.size() > bytes_max_ - size_bytes_) {
    return core::fail(core::ErrorCode::limit_exceeded,
                      "the object is larger than the " + std::to_string(bytes_max_) + " bytes that the store takes");
  }
  size_bytes_ += bytes.size();
  hasher_.update(bytes);
  while (buffer_.size() + bytes.size() > kChunkBytes) {
    if (buffer_.empty()) {
      if (Status added = add_chunk(bytes.first(kChunkBytes)); !added) return added;
      bytes = bytes.subspan(kChunkBytes);
      continue;
    }
    const std::span<const std::byte> filling = bytes.first(kChunkBytes - buffer_.size());
    buffer_.append(reinterpret_cast<const char*>(filling.data()), filling.size());
    bytes = bytes.subspan(filling.size());
    if (Status added = add_chunk(std::as_bytes(std::span(buffer_))); !added) return added;
    buffer_.clear();
  }
  buffer_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return {};
}

Status RocksdbUpload::finish() {
  if (chunk_files_ == nullptr) return {};
  if (!buffer_.empty()) {
    if (Status added = add_chunk(std::as_bytes(std::span(buffer_))); !added) return added;
    buffer_.clear();
  }
  return chunk_files_->finish();
}

std::optional<ChunkedBytes> RocksdbUpload::chunks() const {
  if (chunk_files_ == nullptr) return std::nullopt;
  return ChunkedBytes{.upload = chunk_files_->upload(), .chunk_bytes = kChunkBytes};
}

const std::vector<std::string>& RocksdbUpload::files() const {
  static const std::vector<std::string> kNone;
  return chunk_files_ == nullptr ? kNone : chunk_files_->files();
}

Status RocksdbUpload::add_chunk(std::span<const std::byte> chunk) {
  if (chunk_files_ == nullptr) {
    const Revision upload = clock_.next(std::chrono::system_clock::now());
    chunk_files_ = std::make_unique<RocksdbChunkFiles>(database_.uploads_directory(), upload);
  }
  return chunk_files_->add(chunk);
}

}  // namespace sconce::server::storage
