#include "server/storage/rocksdb_store.h"

#include <rocksdb/write_batch.h>

#include <iterator>
#include <numeric>

#include "server/storage/commit_queue.h"
#include "server/storage/condition.h"
#include "server/storage/garbage_sweeper.h"
#include "server/storage/rocksdb_hot_objects.h"
#include "server/storage/rocksdb_reader.h"
#include "server/storage/rocksdb_upload.h"
#include "server/storage/space_keeper.h"

namespace sconce::server::storage {

namespace {

// Of what is answered from memory at once; beyond, other requests would wait too long for the thread.
constexpr std::uint64_t kInMemoryBytesMax = 2 << 20;
constexpr std::uint64_t kInMemoryChunksMax = kInMemoryBytesMax / kChunkBytes;

RocksdbUpload& upload_of(const Put& put) { return static_cast<RocksdbUpload&>(*put.upload); }

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
    bytes += kRecordBytes + write.key.size() + upload_of(*put).held_bytes();
    for (const auto& [name, value] : put->annotations.user_metadata) bytes += name.size() + value.size();
  }
  return bytes;
}

class RocksdbRoom final : public DiskRoom {
 public:
  RocksdbRoom(FreeSpace& space, FileCount::Share file) : space_(space), room_(space), file_(std::move(file)) {}
  Status announce(std::uint64_t bytes) { return room_.announce(bytes); }
  Status take(std::uint64_t bytes) override { return room_.take(bytes); }
  void failed() override { space_.failed(); }

 private:
  FreeSpace& space_;
  FreeSpace::Room room_;
  const FileCount::Share file_;
};

/// The commits of a group so far: what they will write, and how the keys then stand.
struct GroupState {
  rocksdb::WriteBatch batch;
  std::vector<std::string> files;  // of chunks, to be taken in before the batch
  std::map<std::string, std::optional<StoredObject>, std::less<>> keys;
  std::vector<Placement> replaced;
  std::optional<Revision> last;             // that it gives
  std::optional<std::uint64_t> room_bytes;  // for the log and what comes of it, once it was asked for
  std::uint64_t commits = 0;                // that change something
  std::uint64_t bytes_written = 0;          // of the objects that they store
};

/// Those of some readers that are one value each, and where it lies.
struct OneValues {
  std::vector<std::size_t> places;  // of the readers
  std::vector<Placement> placements;
};

OneValues one_values(std::span<const std::unique_ptr<RocksdbReader>> readers) {
  OneValues of;
  for (std::size_t i = 0; i < readers.size(); ++i) {
    if (readers[i] == nullptr || readers[i]->placement().in_chunks()) continue;
    of.places.push_back(i);
    of.placements.push_back(readers[i]->placement());
  }
  return of;
}

class RocksdbStore final : public Store {
 public:
  RocksdbStore(std::unique_ptr<RocksdbDatabase> database, std::shared_ptr<Bell> bell, const Revision& last,
               RocksdbStoreOptions options)
      : options_(std::move(options)),
        database_(std::move(database)),
        hot_(options_.cache_bytes / kHotPart, database_->counters()),
        clock_(last),
        sweeper_([this](std::span<const Placement> garbage) { return database_->drop(garbage); },
                 [this](const core::Error& error) { report(error); }),
        pins_([this](const Placement& unused) { sweeper_.add({&unused, 1}); }),
        queue_([this](std::span<PendingCommit> group) { apply(group); }),
        keeper_(std::move(bell), [this] { return keep_space(); }, [this] { database_->stop_keeping_space(); }) {}

  Result<std::unique_ptr<RevisionReader>> open(const std::string& key) override {
    const RevisionPins::Look look(pins_);
    Result<std::optional<StoredObject>> object = database_->object_at(key);
    if (!object) return std::unexpected(std::move(object.error()));
    if (!*object) return nullptr;
    return reader_of(std::move(**object));
  }

  std::optional<std::unique_ptr<RevisionReader>> open_in_memory(const std::string& key) override {
    if (auto hot = hot_.open(key)) return hot;
    const HotObjects::Stamp stamp = hot_.stamp(key);
    const RevisionPins::Look look(pins_);
    std::optional<std::optional<StoredObject>> object = database_->object_in_memory(key);
    if (!object) return std::nullopt;
    if (!*object) return nullptr;
    if ((*object)->meta.size_bytes > kInMemoryBytesMax) return std::nullopt;
    std::unique_ptr<RocksdbReader> reader = reader_of(std::move(**object));
    if (!load_from_memory(*reader) || !keep_hot(key, stamp, *reader)) return std::nullopt;
    return reader;
  }

  std::optional<std::vector<std::unique_ptr<RevisionReader>>> open_many_in_memory(std::span<const std::string> keys,
                                                                                  std::uint64_t bytes_max) override {
    std::vector<HotObjects::Stamp> stamps;
    stamps.reserve(keys.size());
    for (const std::string& key : keys) stamps.push_back(hot_.stamp(key));
    std::vector<std::unique_ptr<RevisionReader>> opened(keys.size());
    const std::vector<std::size_t> others = open_hot(keys, opened);
    if (!read_in_memory(keys, stamps, others, bytes_max, opened)) return std::nullopt;
    if (others.size() == keys.size() || hold(keys, stamps)) return opened;
    // What was found one after the other may not have stood at one moment; what is read at once has.
    opened = std::vector<std::unique_ptr<RevisionReader>>(keys.size());
    std::vector<std::size_t> all(keys.size());
    std::iota(all.begin(), all.end(), 0);
    if (!read_in_memory(keys, stamps, all, bytes_max, opened)) return std::nullopt;
    return opened;
  }

  std::vector<Result<std::unique_ptr<RevisionReader>>> open_many(std::span<const std::string> keys) override {
    std::vector<std::unique_ptr<RocksdbReader>> opened(keys.size());
    std::vector<Status> failed(keys.size());
    {
      const RevisionPins::Look look(pins_);
      std::vector<Result<std::optional<StoredObject>>> objects = database_->objects_at(keys);
      for (std::size_t i = 0; i < keys.size(); ++i) {
        if (!objects[i]) failed[i] = std::unexpected(std::move(objects[i].error()));
        else if (*objects[i]) opened[i] = reader_of(std::move(**objects[i]));
      }
    }
    load_values(opened, failed);
    std::vector<Result<std::unique_ptr<RevisionReader>>> readers;
    readers.reserve(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (failed[i]) readers.emplace_back(std::move(opened[i]));
      else readers.emplace_back(std::unexpect, std::move(failed[i].error()));
    }
    return readers;
  }

  Result<std::optional<ObjectMeta>> stat(const std::string& key) override {
    const Result<std::optional<StoredObject>> object = database_->object_at(key);
    if (!object) return std::unexpected(object.error());
    return meta_of(*object);
  }

  Result<Listing> list(const ListQuery& query) override {
    const auto cursor = database_->keys();
    if (!cursor) return std::unexpected(cursor.error());
    return list_keys(**cursor, query);
  }

  /// Only who commits can recover, which what stays in memory until then need not wait for.
  Result<std::unique_ptr<Upload>> begin_upload(std::optional<std::uint64_t> size_hint) override {
    const bool stays_in_memory = size_hint && *size_hint <= kChunkBytes;
    if (!stays_in_memory && database_->has_failed()) (void)commit({});
    const auto discard = [this](const Placement& unused) { sweeper_.add({&unused, 1}); };
    auto upload = std::make_unique<RocksdbUpload>(*database_, clock_, options_.object_bytes_max, discard);
    if (stays_in_memory) return upload;
    if (Status announced = upload->announce(size_hint.value_or(0)); !announced)
      return std::unexpected(announced.error());
    return upload;
  }

  Result<std::unique_ptr<DiskRoom>> disk_room(std::optional<std::uint64_t> size_hint) override {
    Result<FileCount::Share> file = database_->open_file();
    if (!file) return std::unexpected(std::move(file.error()));
    auto room = std::make_unique<RocksdbRoom>(database_->space(), std::move(*file));
    if (Status announced = room->announce(size_hint.value_or(0)); !announced) return std::unexpected(announced.error());
    return room;
  }

  void begin_commit(std::vector<Write> writes, Committed committed) override {
    const Result<std::uint64_t> held_bytes = finish_uploads(writes);
    if (!held_bytes) {
      writes.clear();  // who is told may count on the space of what was uploaded
      return committed(std::unexpected(held_bytes.error()));
    }
    queue_.add(std::move(writes), *held_bytes, std::move(committed));
  }

  Status compact() override {
    sweeper_.drain();
    return database_->compact();
  }

  const StoreCounters& counters() const override { return database_->counters(); }

  /// What was garbage when it was opened.
  void drop_later(std::span<const Placement> garbage) { sweeper_.add(garbage); }

 private:
  /// Returns the bytes that are still in memory.
  static Result<std::uint64_t> finish_uploads(const std::vector<Write>& writes) {
    if (Status checked = check_writes(writes); !checked) return std::unexpected(std::move(checked.error()));
    std::uint64_t held_bytes = 0;
    for (const Write& write : writes) {
      const Put* const put = std::get_if<Put>(&write.what);
      if (put == nullptr) continue;
      if (Status finished = upload_of(*put).finish(); !finished) return std::unexpected(std::move(finished.error()));
      held_bytes += upload_of(*put).held_bytes();
    }
    return held_bytes;
  }

  std::unique_ptr<RocksdbReader> reader_of(StoredObject object) {
    RevisionPins::Pin pin = pins_.pin(object.placement);
    return std::make_unique<RocksdbReader>(*database_, std::move(object), std::move(pin));
  }

  /// Opens those that are hot. The places of the others.
  std::vector<std::size_t> open_hot(std::span<const std::string> keys,
                                    std::span<std::unique_ptr<RevisionReader>> opened) {
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      opened[i] = hot_.open(keys[i]);
      if (opened[i] == nullptr) others.push_back(i);
    }
    return others;
  }

  bool hold(std::span<const std::string> keys, std::span<const HotObjects::Stamp> stamps) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!hot_.holds(keys[i], stamps[i])) return false;
    }
    return true;
  }

  /// Opens the keys at `places`. False: not all of them are in memory, or with those that are open they have more than
  /// `bytes_max`.
  bool read_in_memory(std::span<const std::string> keys, std::span<const HotObjects::Stamp> stamps,
                      std::span<const std::size_t> places, std::uint64_t bytes_max,
                      std::span<std::unique_ptr<RevisionReader>> opened) {
    for (const auto& reader : opened) {
      const std::uint64_t size_bytes = reader == nullptr ? 0 : reader->size_bytes();
      if (size_bytes > bytes_max) return false;
      bytes_max -= size_bytes;
    }
    if (places.empty()) return true;
    std::vector<std::string> wanted;
    wanted.reserve(places.size());
    for (const std::size_t place : places) wanted.push_back(keys[place]);
    std::vector<std::unique_ptr<RocksdbReader>> readers(wanted.size());
    const RevisionPins::Look look(pins_);
    std::optional<std::vector<std::optional<StoredObject>>> objects = database_->objects_in_memory(wanted);
    if (!objects) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      std::optional<StoredObject>& object = (*objects)[i];
      if (!object) continue;
      if (object->placement.in_chunks() || object->meta.size_bytes > bytes_max) return false;
      bytes_max -= object->meta.size_bytes;
      readers[i] = reader_of(std::move(*object));
    }
    const OneValues of = one_values(readers);
    std::vector<rocksdb::PinnableSlice> values(of.placements.size());
    if (!database_->values_in_memory(of.placements, values)) return false;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::size_t place = of.places[i];
      if (!readers[place]->give_value(std::move(values[i]))) return false;
      if (!keep_hot(wanted[place], stamps[places[place]], *readers[place])) return false;
    }
    for (std::size_t i = 0; i < places.size(); ++i) opened[places[i]] = std::move(readers[i]);
    return true;
  }

  /// False: its bytes are not what was written.
  bool keep_hot(const std::string& key, HotObjects::Stamp stamp, RocksdbReader& reader) {
    if (reader.size_bytes() > HotObjects::kObjectBytesMax) return true;
    const auto bytes = reader.read(0, reader.size_bytes());
    if (!bytes) return false;
    hot_.keep(key, stamp, reader.meta(), {reinterpret_cast<const char*>(bytes->data()), bytes->size()});
    return true;
  }

  /// Reads all of it. False: it is not in memory.
  bool load_from_memory(RocksdbReader& reader) {
    if (!reader.placement().in_chunks()) {
      rocksdb::PinnableSlice value;
      return database_->value_in_memory(reader.placement(), value) && reader.give_value(std::move(value));
    }
    if (reader.chunk_count() > kInMemoryChunksMax) return false;
    std::vector<rocksdb::PinnableSlice> chunks(reader.chunk_count());
    return database_->chunks_in_memory(reader.placement(), chunks) && reader.give_chunks(std::move(chunks));
  }

  /// Reads the values of those that are one value.
  void load_values(std::span<const std::unique_ptr<RocksdbReader>> readers, std::span<Status> failed) {
    const OneValues of = one_values(readers);
    std::vector<rocksdb::PinnableSlice> values(of.placements.size());
    const std::vector<Status> read = database_->values_of(of.placements, values);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::size_t place = of.places[i];
      failed[place] = read[i] ? readers[place]->give_value(std::move(values[i])) : read[i];
    }
  }

  void apply(std::span<PendingCommit> group) {
    recover();
    GroupState state;
    for (PendingCommit& commit : group) commit.outcome = decide(commit.writes, state);
    if (const Status written = write_changes(state); !written) {
      const core::Error error = told(written.error());
      for (PendingCommit& commit : group) commit.outcome = std::unexpected(error);
      return;
    }
    count(state);
    std::erase_if(state.replaced, [this](const Placement& bytes) { return !pins_.retire(bytes); });
    sweeper_.add(state.replaced);
  }

  /// The log that is read again may have what was told to have failed.
  void recover() {
    if (!database_->has_failed()) return;
    const HotObjects::ChangeOfAll change(hot_);
    if (const Status recovered = database_->recover(); !recovered) report(recovered.error());
  }

  /// That the disk is full is told once, when it begins.
  void report(const core::Error& error) {
    if (error.code == core::ErrorCode::no_space || database_->lacks_space()) return;
    options_.report(error);
  }

  /// A database that only waits for space says of all else, too, that it writes nothing.
  core::Error told(core::Error error) {
    if (database_->lacks_space()) error.code = core::ErrorCode::no_space;
    if (error.code == core::ErrorCode::no_space) database_->space().failed();
    return error;
  }

  bool keep_space() {
    if (database_->has_failed()) (void)commit({});
    return database_->keep_space();
  }

  Status write_changes(GroupState& state) {
    std::vector<std::string_view> keys;
    keys.reserve(state.keys.size());
    for (const auto& [key, object] : state.keys) keys.push_back(key);
    const HotObjects::Change change(hot_, keys);
    return write(state);
  }

  /// Chunks that were taken in, and whose batch was not written, go at the next start: whether the batch will be found
  /// then is not known before.
  Status write(GroupState& state) {
    if (Status ingested = database_->ingest(state.files); !ingested) return ingested;
    if (state.last) database_->put_last_revision(state.batch, *state.last);
    return state.batch.Count() == 0 ? Status() : database_->write_synced(state.batch);
  }

  void count(const GroupState& state) {
    if (state.commits == 0) return;
    StoreCounters& counters = database_->counters();
    StoreCounters::add(counters.commits, state.commits);
    StoreCounters::add(counters.commit_groups, 1);
    StoreCounters::add(counters.bytes_written, state.bytes_written);
  }

  /// Checks one commit against the keys as the commits before it leave them, and adds it to the group.
  Result<CommitOutcome> decide(const std::vector<Write>& writes, GroupState& state) {
    CommitOutcome outcome;
    std::vector<std::optional<StoredObject>> before;
    for (const Write& write : writes) {
      auto object = state_of(write.key, state);
      if (!object) return std::unexpected(std::move(object.error()));
      outcome.before.push_back(meta_of(*object));
      before.push_back(std::move(*object));
    }
    for (std::size_t i = 0; i < writes.size(); ++i) {
      if (holds(writes[i].condition, outcome.before[i])) continue;
      outcome.applied = false;
      outcome.failed = i;
      return outcome;
    }
    if (Status room = take_room(writes, state); !room) return std::unexpected(std::move(room.error()));
    for (std::size_t i = 0; i < writes.size(); ++i) {
      outcome.after.push_back(meta_of(add(writes[i], before[i], state)));
    }
    if (outcome.after != outcome.before) state.commits += 1;
    return outcome;
  }

  /// What stores an object must find room for what it adds to the log, and once more for when that is flushed. What
  /// only deletes has the reserve.
  Status take_room(const std::vector<Write>& writes, GroupState& state) {
    const std::uint64_t bytes = 2 * logged_bytes(writes);
    if (bytes == 0) return {};
    if (!state.room_bytes) state.room_bytes = database_->space().available_bytes();
    if (bytes > *state.room_bytes) {
      database_->space().refused(bytes);
      return no_room_for(bytes);
    }
    *state.room_bytes -= bytes;
    return {};
  }

  Result<std::optional<StoredObject>> state_of(const std::string& key, const GroupState& state) {
    const auto known = state.keys.find(key);
    if (known != state.keys.end()) return known->second;
    return database_->object_at(key);
  }

  std::optional<StoredObject> add(const Write& write, const std::optional<StoredObject>& before, GroupState& state) {
    if (std::holds_alternative<Check>(write.what)) return before;
    std::optional<StoredObject> after;
    if (const Put* put = std::get_if<Put>(&write.what)) {
      after = add_put(*put, before, state);
      database_->put_object(state.batch, write.key, *after);
    } else if (before) {
      database_->delete_key(state.batch, write.key);
    }
    if (before) {
      state.replaced.push_back(before->placement);
      database_->mark_garbage(state.batch, before->placement);
    }
    state.keys[write.key] = after;
    return after;
  }

  StoredObject add_put(const Put& put, const std::optional<StoredObject>& before, GroupState& state) {
    RocksdbUpload& upload = upload_of(put);
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const Revision revision = clock_.next(now);
    state.last = revision;
    state.bytes_written += upload.size_bytes();
    state.files.insert(state.files.end(), upload.files().begin(), upload.files().end());
    return {.meta = {.revision = revision,
                     .size_bytes = upload.size_bytes(),
                     .content_hash = upload.content_hash(),
                     .created = before ? before->meta.created : now,
                     .modified = now,
                     .annotations = put.annotations},
            .placement = upload.join(state.batch, revision)};
  }

  const RocksdbStoreOptions options_;
  const std::unique_ptr<RocksdbDatabase> database_;
  HotObjects hot_;
  RevisionClock clock_;
  GarbageSweeper sweeper_;
  RevisionPins pins_;
  CommitQueue queue_;
  SpaceKeeper keeper_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_rocksdb_store(RocksdbStoreOptions options) {
  const auto bell = std::make_shared<Bell>();
  auto database = RocksdbDatabase::open(options, [bell] { bell->ring(); });
  if (!database) return std::unexpected(std::move(database.error()));
  const Result<Revision> last = (*database)->last_revision();
  if (!last) return std::unexpected(last.error());
  const Result<std::vector<Placement>> garbage = (*database)->garbage();
  if (!garbage) return std::unexpected(garbage.error());
  const Status dropped = (*database)->drop(*garbage);
  const bool waits_for_space = !dropped && (*database)->lacks_space();
  if (!dropped && !waits_for_space) return std::unexpected(dropped.error());
  auto store = std::make_unique<RocksdbStore>(std::move(*database), bell, *last, std::move(options));
  if (waits_for_space) store->drop_later(*garbage);
  return store;
}

}  // namespace sconce::server::storage
