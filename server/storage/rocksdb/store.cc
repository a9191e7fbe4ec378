#include "server/storage/rocksdb/store.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "server/storage/cache/hot_store.h"
#include "server/storage/commits/commit_queue.h"
#include "server/storage/condition.h"
#include "server/storage/failure_report.h"
#include "server/storage/rocksdb/background/compactor.h"
#include "server/storage/rocksdb/background/garbage_sweeper.h"
#include "server/storage/rocksdb/background/paced_work.h"
#include "server/storage/rocksdb/background/space_keeper.h"
#include "server/storage/rocksdb/chunk_conversion.h"
#include "server/storage/rocksdb/commit_writer.h"
#include "server/storage/rocksdb/opener.h"
#include "server/storage/rocksdb/pack_compaction.h"
#include "server/storage/rocksdb/upload.h"

namespace sconce::server::storage {

namespace {

// Where the operator asks for a compaction.
constexpr PackCompaction::Waste kAskedWaste = {.begins_percent = 0, .ends_percent = 3, .begins_bytes = 0};
// Of what is dropped by one batch.
constexpr std::size_t kDropsMax = 1000;

/// While it lives, what goes on in the background gives way.
class Asked {
 public:
  explicit Asked(std::atomic<bool>& is_asked) : is_asked_(is_asked) { is_asked_ = true; }
  ~Asked() { is_asked_ = false; }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;

 private:
  std::atomic<bool>& is_asked_;
};

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

class RocksdbStore final : public StorageEngine {
 public:
  RocksdbStore(std::unique_ptr<RocksdbDatabase> database, std::shared_ptr<Wakeup> wakeup, const Revision& last,
               RocksdbStoreOptions options, std::shared_ptr<ChangeListener> listener)
      : options_(std::move(options)),
        report_([this](const core::Error& error) { report(error); }),
        database_(std::move(database)),
        listener_(std::move(listener)),
        clock_(last),
        sweeper_([this](std::span<const Placement> garbage) { return drop(garbage); }, report_),
        pins_([this](const Placement& unused) { sweeper_.add({&unused, 1}); }),
        opener_(*database_, pins_),
        writer_({*database_, clock_, *listener_, pins_, sweeper_, report_}),
        queue_([this](std::span<PendingCommit> group) { writer_.apply(group); }, discard_a_segment),
        conversion_({*database_, clock_, opener_, writer_, discard_, report_}),
        pack_compaction_({*database_, clock_, writer_, report_}),
        compactor_([this] { return drain_and_compact(); }),
        keeper_(
            std::move(wakeup), [this] { return keep_space(); }, [this] { database_->stop_compaction(); }),
        moves_([this](const PacedWork::GoOn& go_on) { return move_large_objects(go_on); }) {}
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
    return *object ? std::optional((*object)->meta) : std::nullopt;
  }

  Result<Listing> list(const ListQuery& query) override {
    const auto cursor = database_->keys();
    if (!cursor) return std::unexpected(cursor.error());
    return list_keys(**cursor, query);
  }

  /// Only who commits can recover, which what stays in memory until then need not wait for.
  Result<std::unique_ptr<Upload>> begin_upload(std::optional<std::uint64_t> size_hint) override {
    const bool stays_in_memory = size_hint && *size_hint <= kChunkBytes;
    if (!stays_in_memory && database_->has_failed()) recover();
    auto upload = std::make_unique<RocksdbUpload>(*database_, clock_, options_.object_bytes_max, discard_);
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

  StoreHealth health() override { return database_->health(); }
  void begin_compact(Compacted compacted) override { compactor_.begin(std::move(compacted)); }
  void stop() noexcept override {
    is_stopping_ = true;
    database_->stop_compaction();
    moves_.stop();
  }

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
      commit.size_bytes += upload_of(*put).buffered_bytes();
      commit.files += upload_of(*put).segment() == nullptr ? 0 : 1;
    }
    return {};
  }

  /// The thread that commits does it before each group, so an empty one is enough.
  void recover() {
    if (const Result<CommitOutcome> recovered = commit({}); !recovered) report(recovered.error());
  }

  Result<Compaction> drain_and_compact() {
    sweeper_.drain();
    if (database_->has_failed()) recover();
    Result<Compaction> compacted = database_->compact();
    if (!compacted || *compacted != Compaction::done) return compacted;
    const Status moved = compact_packs();
    if (!moved) return std::unexpected(moved.error());
    return database_->is_compaction_stopped() ? Compaction::cut_short : Compaction::done;
  }

  /// In place of the thread that does it in the background.
  Status compact_packs() {
    const Asked asked(is_asked_);
    return pack_compaction_.run(kAskedWaste, [this] { return !database_->is_compaction_stopped(); });
  }

  /// In steps, so that a store that stops does not wait for much garbage: what is left then stays marked as garbage.
  Status drop(std::span<const Placement> garbage) {
    while (!garbage.empty() && !is_stopping_) {
      const auto step = garbage.first(std::min(garbage.size(), kDropsMax));
      if (Status dropped = database_->drop(step); !dropped) return dropped;
      garbage = garbage.subspan(step.size());
    }
    return {};
  }

  /// What fails is tried again. Returns whether there was anything to do.
  bool move_large_objects(const PacedWork::GoOn& go_on) noexcept {
    const StoreCounters& counters = database_->counters();
    const std::uint64_t before = counters.segments_moved + counters.objects_converted;
    const auto goes_on = [&] { return go_on() && !is_asked_ && !database_->has_failed(); };
    try {
      if (const Status compacted = pack_compaction_.run({}, goes_on); !compacted) report(compacted.error());
      if (const Status converted = conversion_.run(goes_on); !converted) report(converted.error());
    } catch (const std::exception& thrown) {
      report_to(report_, error_of(thrown));
    }
    return counters.segments_moved + counters.objects_converted != before;
  }

  static void discard_a_segment(std::vector<Write>& writes) {
    for (const Write& write : writes) {
      const Put* const put = std::get_if<Put>(&write.what);
      if (put != nullptr && upload_of(*put).discard_segment()) return;
    }
  }

  /// That the disk is full is told once, when it begins; what is unavailable is tried again.
  void report(const core::Error& error) {
    const bool ends = error.code == core::ErrorCode::no_space || error.code == core::ErrorCode::unavailable;
    if (ends || database_->lacks_space()) return;
    report_to(options_.report, error);
  }

  bool keep_space() {
    if (database_->has_failed()) recover();
    return database_->keep_space();
  }

  const RocksdbStoreOptions options_;
  const Report report_;
  const std::unique_ptr<RocksdbDatabase> database_;
  const std::shared_ptr<ChangeListener> listener_;
  RevisionClock clock_;
  std::atomic<bool> is_stopping_ = false;
  std::atomic<bool> is_asked_ = false;  // to compact packs, which need not wait then
  const RocksdbUpload::Discard discard_ = [this](const Placement& unused) { sweeper_.add({&unused, 1}); };
  GarbageSweeper sweeper_;
  RevisionPins pins_;
  RocksdbOpener opener_;
  CommitWriter writer_;
  CommitQueue queue_;
  ChunkConversion conversion_;
  PackCompaction pack_compaction_;
  Compactor compactor_;
  SpaceKeeper keeper_;
  PacedWork moves_;
};

}  // namespace

Result<std::unique_ptr<StorageEngine>> open_rocksdb_store(RocksdbStoreOptions options) {
  const auto wakeup = std::make_shared<Wakeup>();
  auto database = RocksdbDatabase::open(options, [wakeup] { wakeup->notify(); });
  if (!database) return std::unexpected(std::move(database.error()));
  const Result<Revision> last = (*database)->last_revision();
  if (!last) return std::unexpected(last.error());
  const Result<std::vector<Placement>> garbage = (*database)->garbage();
  if (!garbage) return std::unexpected(garbage.error());
  StoreCounters& counters = (*database)->counters();
  auto hot = std::make_shared<HotObjects>(options.cache_bytes / kHotPart);
  auto store = std::make_unique<RocksdbStore>(std::move(*database), wakeup, *last, std::move(options), hot);
  store->drop_later(*garbage);
  return with_hot_objects(std::move(store), std::move(hot), counters);
}

}  // namespace sconce::server::storage
