#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "server/storage/rocksdb/packs/packs.h"

namespace sconce::server::storage {

/// Writes one segment. Gone before it is finished, it leaves nothing. Threads: one at a time. Lifetime: the packs
/// outlive it. Errors, all functions: io_error, no_space.
class SegmentWriter {
 public:
  SegmentWriter(const Revision& id, Packs::Place place);

  const Revision& id() const { return id_; }

  /// The next chunk: kChunkBytes, fewer in the last one.
  Status add(std::span<const std::byte> chunk);
  /// After the last chunk.
  Status add_description(std::string_view description);
  /// All is on the disk when it returns.
  Status finish(const ContentHash& content_hash);

  bool is_finished() const { return !place_; }
  /// Once it is finished; `references` is 0.
  const Segment& segment() const { return segment_; }

 private:
  Status add_chunk(std::span<const std::byte> chunk);

  const Revision id_;
  std::optional<Packs::Place> place_;  // until it is finished
  Segment segment_;
  std::uint64_t at_;  // in the pack
  std::uint64_t chunks_ = 0;
};

}  // namespace sconce::server::storage
