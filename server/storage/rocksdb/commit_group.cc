#include "server/storage/rocksdb/commit_group.h"

#include <chrono>
#include <utility>

#include "server/storage/condition.h"
#include "server/storage/failure_report.h"

namespace sconce::server::storage {

namespace {

std::optional<ObjectMeta> meta_of(const std::optional<StoredObject>& object) {
  return object ? std::optional(object->meta) : std::nullopt;
}

/// About what the puts of a commit add to the log; 0 if there are none.
std::uint64_t logged_bytes(const std::vector<Write>& writes) {
  constexpr std::uint64_t kRecordBytes = 256;
  std::uint64_t bytes = 0;
  for (const Write& write : writes) {
    const Put* const put = std::get_if<Put>(&write.what);
    if (put == nullptr) continue;
    bytes += kRecordBytes + write.key.size() + upload_of(*put).buffered_bytes();
    for (const auto& [name, value] : put->annotations.user_metadata) bytes += name.size() + value.size();
  }
  return bytes;
}

Status check_spooled(const std::vector<Write>& writes) {
  for (const Write& write : writes) {
    const Put* const put = std::get_if<Put>(&write.what);
    if (put == nullptr) continue;
    if (Status there = upload_of(*put).check_spooled(); !there) return there;
  }
  return {};
}

}  // namespace

Result<CommitOutcome> CommitGroup::decide(const std::vector<Write>& writes) {
  CommitOutcome outcome;
  std::vector<std::optional<StoredObject>> before;
  for (const Write& write : writes) {
    auto object = state_of(write.key);
    if (!object) return std::unexpected(std::move(object.error()));
    if (*object) {
      if (Status known = segments_.look_up((*object)->extents); !known)
        return std::unexpected(std::move(known.error()));
    }
    outcome.before.push_back(meta_of(*object));
    before.push_back(std::move(*object));
  }
  for (std::size_t i = 0; i < writes.size(); ++i) {
    if (holds(writes[i].condition, outcome.before[i])) continue;
    outcome.applied = false;
    outcome.failed = i;
    return outcome;
  }
  if (Status there = check_spooled(writes); !there) return std::unexpected(std::move(there.error()));
  if (Status room = take_room(writes); !room) return std::unexpected(std::move(room.error()));
  for (std::size_t i = 0; i < writes.size(); ++i) outcome.after.push_back(meta_of(add(writes[i], before[i])));
  if (outcome.after == outcome.before) return outcome;
  commits_ += 1;
  outcome.revision = revision_of_commit(writes, outcome.after, clock_);
  last_ = outcome.revision;
  return outcome;
}

Result<bool> CommitGroup::move(const SegmentMove& move) {
  Result<bool> moved = segments_.move(move.id, move.from, move.to);
  if (!moved || !*moved) return moved;
  moves_.push_back(move);
  last_ = next_revision();
  return true;
}

Result<bool> CommitGroup::move(const std::string& key, const StoredObject& object, RocksdbUpload& upload) {
  const Result<std::optional<StoredObject>> now = state_of(key);
  if (!now) return std::unexpected(now.error());
  if (*now != object) return false;
  last_ = next_revision();
  StoredObject moved = object;
  moved.extents = {add_bytes(upload, *last_)};
  segments_.refer(moved.extents);
  database_.put_object(batch_, key, moved);
  replace(object);
  keys_[key] = std::move(moved);
  return true;
}

/// Recorded with what is moved: later than the ids of the packs and segments that it was moved to, so that none is
/// given twice.
Revision CommitGroup::next_revision() { return clock_.next(std::chrono::system_clock::now()); }

Status CommitGroup::write(ChangeListener& listener) {
  if (last_) database_.put_last_revision(batch_, *last_);
  segments_.write_to(batch_);
  Status written = write_batch(listener);
  if (written) segments_.written();
  for (RocksdbUpload* const upload : uploads_) written ? upload->committed() : upload->abandoned();
  if (!written) {
    for (const SegmentMove& move : moves_) database_.packs().abandon(move.id, move.to);
  }
  return written;
}

void CommitGroup::count(StoreCounters& counters) const {
  if (commits_ == 0) return;
  StoreCounters::add(counters.commits, commits_);
  StoreCounters::add(counters.commit_groups, 1);
  StoreCounters::add(counters.bytes_written, bytes_written_);
}

/// What stores an object must find room for what it adds to the log, and once more for when that is flushed. What only
/// deletes has the reserve.
Status CommitGroup::take_room(const std::vector<Write>& writes) {
  const std::uint64_t bytes = 2 * logged_bytes(writes);
  if (bytes == 0) return {};
  if (!room_bytes_) room_bytes_ = database_.space().available_bytes();
  if (bytes > *room_bytes_) return database_.space().refuse(bytes);
  *room_bytes_ -= bytes;
  return {};
}

Result<std::optional<StoredObject>> CommitGroup::state_of(const std::string& key) const {
  const auto known = keys_.find(key);
  if (known != keys_.end()) return known->second;
  return database_.object_at(key);
}

std::optional<StoredObject> CommitGroup::add(const Write& write, const std::optional<StoredObject>& before) {
  if (std::holds_alternative<Check>(write.what)) return before;
  std::optional<StoredObject> after;
  if (const Put* put = std::get_if<Put>(&write.what)) {
    after = add_put(*put, before);
    database_.put_object(batch_, write.key, *after);
  } else if (before) {
    database_.delete_key(batch_, write.key);
  }
  if (before) replace(*before);
  keys_[write.key] = after;
  return after;
}

void CommitGroup::replace(const StoredObject& before) {
  const std::vector<Placement> garbage = segments_.release(before.extents);
  for (const Placement& bytes : garbage) database_.mark_garbage(batch_, bytes);
  replaced_.insert(replaced_.end(), garbage.begin(), garbage.end());
}

StoredObject CommitGroup::add_put(const Put& put, const std::optional<StoredObject>& before) {
  RocksdbUpload& upload = upload_of(put);
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const Revision revision = clock_.next(now);
  bytes_written_ += upload.size_bytes();
  StoredObject object{.meta = {.revision = revision,
                               .size_bytes = upload.size_bytes(),
                               .content_hash = upload.content_hash(),
                               .created = before ? before->meta.created : now,
                               .modified = now,
                               .annotations = put.annotations},
                      .extents = {add_bytes(upload, revision)}};
  segments_.refer(object.extents);
  return object;
}

/// `revision` is their id, if they are one value.
Extent CommitGroup::add_bytes(RocksdbUpload& upload, const Revision& revision) {
  uploads_.push_back(&upload);
  const Extent bytes{.placement = upload.add_to(batch_, revision), .size_bytes = upload.size_bytes()};
  if (const SegmentWriter* const written = upload.segment()) segments_.add(written->id(), written->segment());
  return bytes;
}

Status CommitGroup::write_batch(ChangeListener& listener) {
  if (batch_.Count() == 0) return {};
  try {
    std::vector<std::string_view> keys;
    keys.reserve(keys_.size());
    for (const auto& [key, object] : keys_) keys.push_back(key);
    const KeyChange change(listener, keys);
    return database_.write_synced(batch_);
  } catch (const std::exception& thrown) {
    return std::unexpected(error_of(thrown));
  }
}

}  // namespace sconce::server::storage
