#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "server/storage/rocksdb/packs/packs.h"

namespace sconce::server::storage {

/// Writes the bytes of one segment at a place of a pack, and syncs nothing. Threads: one at a time. Lifetime: the place
/// outlives it. Errors, all functions: io_error, no_space.
class SegmentAppender {
 public:
  SegmentAppender(const Revision& id, Packs::Place& place);

  const Revision& id() const { return id_; }

  /// The next chunk: kChunkBytes, fewer in the last one.
  Status add(std::span<const std::byte> chunk);
  /// After the last chunk.
  Status add_description(std::string_view description);
  /// After all else: nothing but the head makes it a segment.
  Status add_head(const ContentHash& content_hash);

  /// Once it has its head; `references` is 0.
  const Segment& segment() const { return segment_; }
  /// Where the next one may begin in the pack.
  std::uint64_t end() const;

 private:
  Status add_chunk(std::span<const std::byte> chunk);

  const Revision id_;
  Packs::Place& place_;
  Segment segment_;
  std::uint64_t at_;  // in the pack
  std::uint64_t chunks_ = 0;
};

/// Writes a copy of a segment, checked by its checksums, which may take the place of it: it has the same id. Nothing if
/// `go_on`, called after each chunk, says that it is not to go on. Errors: corrupt, also where the segment has gone
/// meanwhile; io_error, no_space.
Result<std::optional<Segment>> copy_segment(Packs& packs, const Revision& id, const Segment& segment,
                                            Packs::Place& place, const std::function<bool()>& go_on);

}  // namespace sconce::server::storage
