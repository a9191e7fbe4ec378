#include "server/storage/rocksdb/packs/segment_writer.h"

#include <utility>

namespace sconce::server::storage {

SegmentWriter::SegmentWriter(const Revision& id, Packs::Place place)
    : place_(std::move(place)), appender_(id, *place_) {}

Status SegmentWriter::finish(const ContentHash& content_hash) {
  if (Status written = appender_.add_head(content_hash); !written) return written;
  if (Status synced = place_->sync(); !synced) return synced;
  place_->finish(appender_.end());
  place_.reset();
  return {};
}

}  // namespace sconce::server::storage
