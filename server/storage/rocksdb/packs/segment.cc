#include "server/storage/rocksdb/packs/segment.h"

#include "server/storage/rocksdb/files/record_bytes.h"

namespace sconce::server::storage {

namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

std::string encode_segment(const Segment& segment) {
  RecordWriter record;
  record.integer(kVersion);
  record.bytes(segment.pack.bytes);
  record.integer(segment.offset);
  record.integer(segment.size_bytes);
  record.integer(segment.description_bytes);
  record.bytes(segment.content_hash.bytes);
  record.integer(segment.references);
  return record.take();
}

Result<Segment> decode_segment(std::string_view record) {
  RecordReader reader(record);
  const auto version = reader.integer<std::uint8_t>();
  if (!record.empty() && version != kVersion) {
    return core::fail(core::ErrorCode::io_error, "the record of a segment has version " + std::to_string(version) +
                                                     ", which this program does not know; use a newer one");
  }
  Segment segment;
  reader.bytes(segment.pack.bytes);
  segment.offset = reader.integer<std::uint64_t>();
  segment.size_bytes = reader.integer<std::uint64_t>();
  segment.description_bytes = reader.integer<std::uint64_t>();
  reader.bytes(segment.content_hash.bytes);
  segment.references = reader.integer<std::uint32_t>();
  if (reader.whole()) return segment;
  return core::fail(core::ErrorCode::corrupt,
                    "the record of a segment has " + std::to_string(record.size()) + " bytes, and is damaged");
}

}  // namespace sconce::server::storage
