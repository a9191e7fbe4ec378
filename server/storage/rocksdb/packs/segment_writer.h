#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "server/storage/rocksdb/packs/packs.h"
#include "server/storage/rocksdb/packs/segment_appender.h"

namespace sconce::server::storage {

/// Writes one segment of an upload. Gone before it is finished, it leaves nothing. Threads: one at a time. Lifetime:
/// the packs outlive it. Errors, all functions: io_error, no_space.
class SegmentWriter {
 public:
  SegmentWriter(const Revision& id, Packs::Place place);
  SegmentWriter(const SegmentWriter&) = delete;
  SegmentWriter& operator=(const SegmentWriter&) = delete;

  const Revision& id() const { return appender_.id(); }

  /// The next chunk: kChunkBytes, fewer in the last one.
  Status add(std::span<const std::byte> chunk) { return appender_.add(chunk); }
  /// After the last chunk.
  Status add_description(std::string_view description) { return appender_.add_description(description); }
  /// All is on the disk when it returns.
  Status finish(const ContentHash& content_hash);

  bool is_finished() const { return !place_; }
  /// Once it is finished; `references` is 0.
  const Segment& segment() const { return appender_.segment(); }

 private:
  std::optional<Packs::Place> place_;  // until it is finished
  SegmentAppender appender_;
};

}  // namespace sconce::server::storage
