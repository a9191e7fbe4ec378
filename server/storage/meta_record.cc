#include "server/storage/meta_record.h"

#include <cstring>

namespace sconce::server::storage {

namespace {

constexpr char kVersion = 1;
constexpr std::size_t kRecordBytes = 49;

void append_u64(std::string& record, std::uint64_t value) {
  for (unsigned shift = 0; shift < 64; shift += 8) record += static_cast<char>(value >> shift);
}

std::uint64_t u64_at(std::string_view record, std::size_t offset) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(record[offset + i])} << (8 * i);
  }
  return value;
}

}  // namespace

std::string encode_meta(const ObjectMeta& meta) {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(meta.modified.time_since_epoch());
  std::string record(1, kVersion);
  record.reserve(kRecordBytes);
  record.append(reinterpret_cast<const char*>(meta.revision.bytes.data()), meta.revision.bytes.size());
  append_u64(record, meta.size_bytes);
  record.append(reinterpret_cast<const char*>(meta.content_hash.bytes.data()), meta.content_hash.bytes.size());
  append_u64(record, static_cast<std::uint64_t>(since.count()));
  return record;
}

Result<ObjectMeta> decode_meta(std::string_view record) {
  if (record.empty()) return core::fail(core::ErrorCode::corrupt, "a meta record is empty");
  if (record.front() != kVersion) {
    return core::fail(core::ErrorCode::io_error, "a meta record has version " + std::to_string(record.front()) +
                                                     ", which this program does not know; use a newer one");
  }
  if (record.size() != kRecordBytes) {
    return core::fail(core::ErrorCode::corrupt, "a meta record has " + std::to_string(record.size()) + " bytes");
  }
  ObjectMeta meta;
  std::memcpy(meta.revision.bytes.data(), record.data() + 1, meta.revision.bytes.size());
  meta.size_bytes = u64_at(record, 17);
  std::memcpy(meta.content_hash.bytes.data(), record.data() + 25, meta.content_hash.bytes.size());
  const std::chrono::milliseconds since(static_cast<std::int64_t>(u64_at(record, 41)));
  meta.modified = std::chrono::system_clock::time_point(since);
  return meta;
}

}  // namespace sconce::server::storage
