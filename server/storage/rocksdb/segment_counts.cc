#include "server/storage/rocksdb/segment_counts.h"

#include <algorithm>

#include "server/storage/rocksdb/packs/segment_layout.h"

namespace sconce::server::storage {

void SegmentCounts::add(const Extent& extent) {
  if (extent.placement.kind == Placement::Kind::segment) references_[extent.placement.id] += 1;
}

Result<SegmentCounts::Corrections> SegmentCounts::corrections(RocksdbDatabase& database) const {
  Corrections found;
  std::map<Revision, PackRecord> packs;
  const auto look = [&](const Revision& id, const Segment& segment) {
    Segment right = segment;
    const auto counted = references_.find(id);
    right.references = counted == references_.end() ? 0 : counted->second;
    if (right != segment) {
      found.segments.push_back({.id = id, .right = right, .recorded_references = segment.references});
    }
    if (right.references == 0) return;
    PackRecord& pack = packs[segment.pack];
    pack.live_bytes += stored_bytes(segment);
    pack.end_bytes = std::max(pack.end_bytes, segment.offset + stored_bytes(segment));
  };
  if (Status read = database.each_segment(look); !read) return std::unexpected(std::move(read.error()));
  const Result<std::map<Revision, PackRecord>> recorded = database.pack_records();
  if (!recorded) return std::unexpected(recorded.error());
  for (const auto& [id, record] : *recorded) packs[id].end_bytes = std::max(packs[id].end_bytes, record.end_bytes);
  for (const auto& [id, right] : packs) {
    const auto record = recorded->find(id);
    const PackRecord said = record == recorded->end() ? PackRecord() : record->second;
    if (said != right) found.packs.push_back({.id = id, .right = right, .recorded = said});
  }
  return found;
}

}  // namespace sconce::server::storage
