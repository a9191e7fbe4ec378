#include "server/storage/rocksdb/packs/segment_appender.h"

#include <algorithm>
#include <string>

#include "server/storage/rocksdb/packs/segment_layout.h"

namespace sconce::server::storage {

namespace {

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

SegmentAppender::SegmentAppender(const Revision& id, Packs::Place& place)
    : id_(id),
      place_(place),
      segment_{.pack = place.pack(), .offset = place.begin(), .content_hash = {}},
      at_(segment_.offset + kSegmentHeadBytes) {}

Status SegmentAppender::add(std::span<const std::byte> chunk) {
  segment_.size_bytes += chunk.size();
  return add_chunk(chunk);
}

Status SegmentAppender::add_description(std::string_view description) {
  segment_.description_bytes = description.size();
  std::span<const std::byte> left = std::as_bytes(std::span(description));
  while (!left.empty()) {
    const auto chunk = left.first(std::min<std::size_t>(left.size(), kChunkBytes));
    if (Status added = add_chunk(chunk); !added) return added;
    left = left.subspan(chunk.size());
  }
  return {};
}

Status SegmentAppender::add_head(const ContentHash& content_hash) {
  segment_.content_hash = content_hash;
  return place_.write(segment_.offset, encode_head({.id = id_,
                                                    .size_bytes = segment_.size_bytes,
                                                    .description_bytes = segment_.description_bytes,
                                                    .content_hash = content_hash}));
}

std::uint64_t SegmentAppender::end() const { return segment_.offset + stored_bytes(segment_); }

Status SegmentAppender::add_chunk(std::span<const std::byte> chunk) {
  if (Status written = place_.write(at_, text_of(chunk)); !written) return written;
  at_ += chunk.size();
  const std::string checksum = checksum_bytes(checksum_of_chunk(id_, chunks_, chunk));
  chunks_ += 1;
  if (Status written = place_.write(at_, checksum); !written) return written;
  at_ += checksum.size();
  return {};
}

Result<std::optional<Segment>> copy_segment(Packs& packs, const Revision& id, const Segment& segment,
                                            Packs::Place& place, const std::function<bool()>& go_on) {
  SegmentAppender copy(id, place);
  rocksdb::PinnableSlice chunk;
  for (std::uint64_t i = 0; i < chunk_count(segment.size_bytes); ++i) {
    if (Status read = packs.read(id, segment, i, false, chunk); !read) return std::unexpected(read.error());
    if (Status added = copy.add(std::as_bytes(std::span(chunk.data(), chunk.size()))); !added) {
      return std::unexpected(added.error());
    }
    if (!go_on()) return std::nullopt;
  }
  const Result<std::string> description = packs.read_description(id, segment);
  if (!description) return std::unexpected(description.error());
  if (Status added = copy.add_description(*description); !added) return std::unexpected(added.error());
  if (Status added = copy.add_head(segment.content_hash); !added) return std::unexpected(added.error());
  return copy.segment();
}

}  // namespace sconce::server::storage
