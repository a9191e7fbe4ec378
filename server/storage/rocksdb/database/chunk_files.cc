#include "server/storage/rocksdb/database/chunk_files.h"

#include <unistd.h>

#include "core/ascii.h"
#include "server/storage/rocksdb/database/database.h"
#include "server/storage/rocksdb/database/slice.h"
#include "server/storage/rocksdb/files/status.h"

namespace sconce::server::storage {

namespace {

// A file is dropped whole, and opened whole when the store starts; an object of many GB is some hundred files.
constexpr std::uint64_t kFileBytesMax = 512 << 20;

std::string hex_of(const Revision& revision) {
  std::string hex;
  for (const std::uint8_t byte : revision.bytes) core::append_hex(hex, byte);
  return hex;
}

rocksdb::Slice slice_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::string chunk_key(const Revision& upload, std::uint64_t number) {
  std::string key = front_key(upload);
  for (int shift = 56; shift >= 0; shift -= 8) key += static_cast<char>(number >> static_cast<unsigned>(shift));
  return key;
}

std::string front_key(const Revision& upload) { return slice_of(upload).ToString(); }

RocksdbChunkFiles::RocksdbChunkFiles(RocksdbDatabase& database, const Revision& upload)
    : database_(database), upload_(upload) {}

RocksdbChunkFiles::~RocksdbChunkFiles() {
  writer_.reset();
  while (remove_file()) continue;
}

bool RocksdbChunkFiles::remove_file() noexcept {
  if (files_.empty()) return false;
  ::unlink(files_.back().c_str());  // what is left of it goes at the next start
  files_.pop_back();
  return true;
}

Status RocksdbChunkFiles::add(std::span<const std::byte> chunk) { return put(chunks_++, chunk); }

Status RocksdbChunkFiles::add_description(std::string_view description) {
  return put(kDescriptionNumber, std::as_bytes(std::span(description)));
}

Status RocksdbChunkFiles::put(std::uint64_t number, std::span<const std::byte> bytes) {
  if (writer_ != nullptr && file_bytes_ + bytes.size() > kFileBytesMax) {
    if (Status closed = close_current(); !closed) return closed;
  }
  if (writer_ == nullptr) {
    if (Status opened = open_next(); !opened) return opened;
  }
  if (Status added = put(chunk_key(upload_, number), bytes); !added) return added;
  file_bytes_ += bytes.size();
  return {};
}

Status RocksdbChunkFiles::put(const std::string& key, std::span<const std::byte> bytes) {
  const rocksdb::Status added = writer_->Put(key, slice_of(bytes));
  if (!added.ok()) return std::unexpected(error_from(added, "cannot write chunks"));
  return {};
}

Status RocksdbChunkFiles::finish() { return writer_ == nullptr ? Status() : close_current(); }

Status RocksdbChunkFiles::open_next() {
  const std::string file =
      database_.uploads_directory() / (hex_of(upload_) + '-' + std::to_string(files_.size()) + ".sst");
  writer_ = database_.chunk_file_writer();
  files_.push_back(file);
  file_bytes_ = 0;
  const rocksdb::Status opened = writer_->Open(file);
  if (!opened.ok()) return std::unexpected(error_from(opened, "cannot make a file of chunks"));
  return files_.size() == 1 ? put(front_key(upload_), {}) : Status();
}

Status RocksdbChunkFiles::close_current() {
  const rocksdb::Status finished = writer_->Finish();
  writer_.reset();
  if (!finished.ok()) return std::unexpected(error_from(finished, "cannot end a file of chunks"));
  return {};
}

}  // namespace sconce::server::storage
