#include "server/storage/rocksdb/segment_changes.h"

#include <algorithm>

#include "server/storage/rocksdb/packs/segment_layout.h"

namespace sconce::server::storage {

void SegmentChanges::add(const Revision& id, const Segment& segment) {
  segments_[id] = {.segment = segment, .is_changed = true};
  PackChange& pack = change_of(segment.pack);
  pack.record.end_bytes = std::max(pack.record.end_bytes, segment.offset + stored_bytes(segment));
  pack.committed += 1;
}

Status SegmentChanges::look_up(const std::vector<Extent>& extents) {
  for (const Extent& extent : extents) {
    if (extent.placement.kind != Placement::Kind::segment) continue;
    if (Status known = look_up(extent.placement.id); !known) return known;
  }
  return {};
}

Status SegmentChanges::look_up(const Revision& id) {
  if (segments_.contains(id)) return {};
  const Result<std::optional<Segment>> segment = database_.segment_at(id);
  if (!segment) return std::unexpected(segment.error());
  segments_.emplace(id, Known{.segment = *segment});
  return {};
}

Result<bool> SegmentChanges::move(const Revision& id, const Segment& from, const Segment& to) {
  if (Status known = look_up(id); !known) return std::unexpected(std::move(known.error()));
  Known& known = segments_.at(id);
  if (!known.segment || known.segment->references == 0 || !is_same_place(*known.segment, from)) return false;
  PackRecord& old_pack = change_of(from.pack).record;
  old_pack.live_bytes -= std::min(old_pack.live_bytes, stored_bytes(from));
  PackChange& pack = change_of(to.pack);
  pack.record.live_bytes += stored_bytes(to);
  pack.record.end_bytes = std::max(pack.record.end_bytes, to.offset + stored_bytes(to));
  pack.committed += 1;
  known.segment->pack = to.pack;
  known.segment->offset = to.offset;
  known.is_changed = true;
  return true;
}

void SegmentChanges::refer(const std::vector<Extent>& extents) {
  for (const Extent& extent : extents) {
    Segment* const segment = change(extent);
    if (segment == nullptr) continue;
    if (segment->references == 0) change_of(segment->pack).record.live_bytes += stored_bytes(*segment);
    segment->references += 1;
  }
}

std::vector<Placement> SegmentChanges::release(const std::vector<Extent>& extents) {
  std::vector<Placement> garbage;
  for (const Extent& extent : extents) {
    if (extent.placement.kind != Placement::Kind::segment) {
      garbage.push_back(extent.placement);
      continue;
    }
    Segment* const segment = change(extent);
    if (segment == nullptr || segment->references == 0) continue;
    segment->references -= 1;
    if (segment->references > 0) continue;
    PackChange& pack = change_of(segment->pack);
    pack.record.live_bytes -= std::min(pack.record.live_bytes, stored_bytes(*segment));
    pack.unreferenced += 1;
    garbage.push_back(extent.placement);
  }
  return garbage;
}

void SegmentChanges::write_to(rocksdb::WriteBatch& batch) const {
  for (const auto& [id, known] : segments_) {
    if (known.is_changed) database_.put_segment(batch, id, *known.segment);
  }
  for (const auto& [id, pack] : packs_) database_.put_pack(batch, id, pack.record);
}

void SegmentChanges::written() {
  for (const auto& [id, pack] : packs_) database_.packs().table().commit(id, pack);
}

/// Null if it is no segment, or has no record.
Segment* SegmentChanges::change(const Extent& extent) {
  const auto known = segments_.find(extent.placement.id);
  if (known == segments_.end() || !known->second.segment) return nullptr;
  known->second.is_changed = true;
  return &*known->second.segment;
}

PackChange& SegmentChanges::change_of(const Revision& pack) {
  const auto [change, is_new] = packs_.try_emplace(pack);
  if (is_new) change->second.record = database_.packs().table().record_of(pack);
  return change->second;
}

}  // namespace sconce::server::storage
