#include "server/storage/rocksdb/store.h"

#include <rocksdb/write_batch.h>

#include <iterator>

#include "server/storage/commit_queue.h"
#include "server/storage/condition.h"
#include "server/storage/failure_report.h"
#include "server/storage/rocksdb/compactor.h"
#include "server/storage/rocksdb/garbage_sweeper.h"
#include "server/storage/rocksdb/hot_objects.h"
#include "server/storage/rocksdb/opener.h"
#include "server/storage/rocksdb/space_keeper.h"
#include "server/storage/rocksdb/upload.h"

namespace sconce::server::storage {

namespace {

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
  std::vector<std::string> files;      // of chunks, to be taken in before the batch
  std::vector<RocksdbUpload*> joined;  // to the batch
  std::map<std::string, std::optional<StoredObject>, std::less<>> keys;
  std::vector<Placement> replaced;
  std::optional<Revision> last;             // that it gives
  std::optional<std::uint64_t> room_bytes;  // for the log and what comes of it, once it was asked for
  std::uint64_t commits = 0;                // that change something
  std::uint64_t bytes_written = 0;          // of the objects that they store
};

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
        opener_(*database_, hot_, pins_),
        queue_([this](std::span<PendingCommit> group) { apply(group); }, remove_a_file),
        compactor_([this] { return drain_and_compact(); }),
        keeper_(std::move(bell), [this] { return keep_space(); }, [this] { database_->stop_compaction(); }) {}
  ~RocksdbStore() override { database_->stop_compaction(); }
  RocksdbStore(const RocksdbStore&) = delete;
  RocksdbStore& operator=(const RocksdbStore&) = delete;

  Result<std::unique_ptr<RevisionReader>> open(const std::string& key) override { return opener_.open(key); }

  std::optional<std::unique_ptr<RevisionReader>> open_in_memory(const std::string& key) override {
    return opener_.open_in_memory(key);
  }

  std::optional<std::vector<std::unique_ptr<RevisionReader>>> open_many_in_memory(std::span<const std::string> keys,
                                                                                  std::uint64_t bytes_max) override {
    return opener_.open_many_in_memory(keys, bytes_max);
  }

  std::vector<Result<std::unique_ptr<RevisionReader>>> open_many(std::span<const std::string> keys) override {
    return opener_.open_many(keys);
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
    PendingCommit commit{.writes = std::move(writes), .committed = std::move(committed)};
    if (Status finished = finish_uploads(commit); !finished) {
      commit.writes.clear();  // who is told may count on the space of what was uploaded
      return commit.committed(std::unexpected(std::move(finished.error())));
    }
    queue_.add(std::move(commit));
  }

  void begin_compact(Compacted compacted) override { compactor_.begin(std::move(compacted)); }
  void stop() noexcept override { database_->stop_compaction(); }

  const StoreCounters& counters() const override { return database_->counters(); }

  /// What was garbage when it was opened.
  void drop_later(std::span<const Placement> garbage) { sweeper_.add(garbage); }

 private:
  static Status finish_uploads(PendingCommit& commit) {
    if (Status checked = check_writes(commit.writes); !checked) return checked;
    for (const Write& write : commit.writes) {
      const Put* const put = std::get_if<Put>(&write.what);
      if (put == nullptr) continue;
      if (Status finished = upload_of(*put).finish(); !finished) return finished;
      commit.size_bytes += upload_of(*put).held_bytes();
      commit.files += upload_of(*put).files().size();
    }
    return {};
  }

  Result<Compaction> drain_and_compact() {
    sweeper_.drain();
    return database_->compact();
  }

  static void remove_a_file(std::vector<Write>& writes) {
    for (const Write& write : writes) {
      const Put* const put = std::get_if<Put>(&write.what);
      if (put != nullptr && upload_of(*put).remove_file()) return;
    }
  }

  /// Where a group cannot be written for the fault of one commit, each is written alone, so that only that one fails.
  void apply(std::span<PendingCommit> group) {
    recover();
    if (apply_together(group)) return;
    for (PendingCommit& commit : group) (void)apply_together({&commit, 1});
  }

  /// False: nothing was written, and one by one the commits may do better.
  bool apply_together(std::span<PendingCommit> group) noexcept {
    try {
      return try_together(group);
    } catch (const std::exception& thrown) {
      fail(group, error_of(thrown));
      return true;
    }
  }

  bool try_together(std::span<PendingCommit> group) {
    GroupState state;
    if (const Status prepared = prepare(group, state); !prepared) {
      if (group.size() > 1 && !database_->has_failed()) return false;
      fail(group, told(prepared.error()));
      return true;
    }
    const Status written = write_changes(state);
    // Whether or not it says that it was written: what is in the log may be found at the next start.
    for (RocksdbUpload* const upload : state.joined) upload->give_up();
    if (written) settle(state);
    else fail(group, told(written.error()));
    return true;
  }

  static void fail(std::span<PendingCommit> group, const core::Error& error) noexcept {
    for (PendingCommit& commit : group) {
      try {
        commit.outcome = std::unexpected(error);
      } catch (const std::bad_alloc& thrown) {
        commit.outcome = std::unexpected(error_of(thrown));
      }
    }
  }

  /// Decides each commit, and takes chunks in. Nothing is written if it fails. Chunks that were taken in, and whose
  /// batch was not written, go at the next start: whether the batch will be found then is not known before.
  Status prepare(std::span<PendingCommit> group, GroupState& state) {
    try {
      for (PendingCommit& commit : group) commit.outcome = decide(commit.writes, state);
      if (state.last) database_->put_last_revision(state.batch, *state.last);
      return database_->ingest(state.files);
    } catch (const std::exception& thrown) {
      return std::unexpected(error_of(thrown));
    }
  }

  /// It is written. What is not handed on here stays marked as garbage for the next start.
  void settle(GroupState& state) noexcept {
    count(state);
    try {
      std::erase_if(state.replaced, [this](const Placement& bytes) { return !pins_.retire(bytes); });
      sweeper_.add(state.replaced);
    } catch (const std::bad_alloc& thrown) {
      report_to(options_.report, error_of(thrown));
    }
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
    report_to(options_.report, error);
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
    try {
      std::vector<std::string_view> keys;
      keys.reserve(state.keys.size());
      for (const auto& [key, object] : state.keys) keys.push_back(key);
      const HotObjects::Change change(hot_, keys);
      return state.batch.Count() == 0 ? Status() : database_->write_synced(state.batch);
    } catch (const std::exception& thrown) {
      return std::unexpected(error_of(thrown));
    }
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
    state.joined.push_back(&upload);
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
  RocksdbOpener opener_;
  CommitQueue queue_;
  Compactor compactor_;
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
