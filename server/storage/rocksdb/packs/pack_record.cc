#include "server/storage/rocksdb/packs/pack_record.h"

#include "server/storage/rocksdb/files/record_bytes.h"

namespace sconce::server::storage {

namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

std::string encode_pack(const PackRecord& record) {
  RecordWriter bytes;
  bytes.integer(kVersion);
  bytes.integer(record.end_bytes);
  bytes.integer(record.live_bytes);
  return bytes.take();
}

Result<PackRecord> decode_pack(std::string_view record) {
  RecordReader reader(record);
  const auto version = reader.integer<std::uint8_t>();
  if (!record.empty() && version != kVersion) {
    return core::fail(core::ErrorCode::io_error, "the record of a pack has version " + std::to_string(version) +
                                                     ", which this program does not know; use a newer one");
  }
  PackRecord pack;
  pack.end_bytes = reader.integer<std::uint64_t>();
  pack.live_bytes = reader.integer<std::uint64_t>();
  if (reader.whole()) return pack;
  return core::fail(core::ErrorCode::corrupt,
                    "the record of a pack has " + std::to_string(record.size()) + " bytes, and is damaged");
}

}  // namespace sconce::server::storage
