#include "server/storage/rocksdb/packs/segment_writer.h"

#include <algorithm>
#include <utility>

#include "server/storage/rocksdb/packs/segment_layout.h"

namespace sconce::server::storage {

namespace {

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

SegmentWriter::SegmentWriter(const Revision& id, Packs::Place place)
    : id_(id),
      place_(std::move(place)),
      segment_{.pack = place_->pack(), .offset = place_->begin(), .content_hash = {}},
      at_(segment_.offset + kSegmentHeadBytes) {}

Status SegmentWriter::add(std::span<const std::byte> chunk) {
  segment_.size_bytes += chunk.size();
  return add_chunk(chunk);
}

Status SegmentWriter::add_description(std::string_view description) {
  segment_.description_bytes = description.size();
  std::span<const std::byte> left = std::as_bytes(std::span(description));
  while (!left.empty()) {
    const auto chunk = left.first(std::min<std::size_t>(left.size(), kChunkBytes));
    if (Status added = add_chunk(chunk); !added) return added;
    left = left.subspan(chunk.size());
  }
  return {};
}

Status SegmentWriter::finish(const ContentHash& content_hash) {
  segment_.content_hash = content_hash;
  const std::string head = encode_head({.id = id_,
                                        .size_bytes = segment_.size_bytes,
                                        .description_bytes = segment_.description_bytes,
                                        .content_hash = content_hash});
  if (Status written = place_->write(segment_.offset, head); !written) return written;
  if (Status synced = place_->sync(); !synced) return synced;
  place_->finish(segment_.offset + stored_bytes(segment_));
  place_.reset();
  return {};
}

Status SegmentWriter::add_chunk(std::span<const std::byte> chunk) {
  if (Status written = place_->write(at_, text_of(chunk)); !written) return written;
  at_ += chunk.size();
  const std::string checksum = checksum_bytes(checksum_of_chunk(id_, chunks_, chunk));
  chunks_ += 1;
  if (Status written = place_->write(at_, checksum); !written) return written;
  at_ += checksum.size();
  return {};
}

}  // namespace sconce::server::storage
