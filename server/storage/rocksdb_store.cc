#include "server/storage/rocksdb_store.h"

#include <rocksdb/write_batch.h>

#include "server/storage/buffered_upload.h"
#include "server/storage/commit_queue.h"
#include "server/storage/condition.h"
#include "server/storage/garbage_sweeper.h"
#include "server/storage/revision_clock.h"
#include "server/storage/revision_pins.h"
#include "server/storage/rocksdb_database.h"

namespace sconce::server::storage {

namespace {

class RocksdbStore;

/// Keeps a revision from being dropped.
class Pin {
 public:
  Pin(RocksdbStore& store, const Revision& revision);
  ~Pin();
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;

 private:
  RocksdbStore& store_;
  Revision revision_;
};

class RocksdbReader final : public RevisionReader {
 public:
  RocksdbReader(RocksdbDatabase& database, const ObjectMeta& meta, std::unique_ptr<Pin> pin)
      : database_(database), meta_(meta), pin_(std::move(pin)) {}

  const ObjectMeta& meta() const override { return meta_; }

  Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) override {
    if (!loaded_) {
      if (Status loaded = database_.object_of(meta_, bytes_); !loaded) return std::unexpected(loaded.error());
      loaded_ = true;
    }
    return std::as_bytes(std::span(bytes_.data(), bytes_.size())).subspan(offset, size);
  }

 private:
  RocksdbDatabase& database_;
  ObjectMeta meta_;
  std::unique_ptr<Pin> pin_;
  rocksdb::PinnableSlice bytes_;
  bool loaded_ = false;
};

/// The commits of a group so far: what they will write, and how the keys then stand.
struct GroupState {
  rocksdb::WriteBatch batch;
  std::map<std::string, std::optional<ObjectMeta>, std::less<>> keys;
  std::vector<Revision> replaced;
};

class RocksdbStore final : public Store {
 public:
  RocksdbStore(std::unique_ptr<RocksdbDatabase> database, const Revision& last, RocksdbStoreOptions options)
      : options_(std::move(options)),
        database_(std::move(database)),
        clock_(last),
        sweeper_([this](std::span<const Revision> revisions) { return database_->drop(revisions); }, options_.report),
        queue_([this](std::span<PendingCommit* const> group) { apply(group); }) {}

  Result<std::unique_ptr<RevisionReader>> open(const std::string& key) override {
    Result<std::optional<ObjectMeta>> meta = database_->meta_of(key);
    while (meta && *meta) {
      auto pin = std::make_unique<Pin>(*this, (*meta)->revision);
      // Pinned while it was current, it stays; replaced before it was pinned, its bytes may be gone.
      Result<std::optional<ObjectMeta>> again = database_->meta_of(key);
      if (again && *again && (*again)->revision == (*meta)->revision) {
        return std::make_unique<RocksdbReader>(*database_, **meta, std::move(pin));
      }
      meta = std::move(again);
    }
    if (!meta) return std::unexpected(std::move(meta.error()));
    return nullptr;
  }

  Result<std::optional<ObjectMeta>> stat(const std::string& key) override { return database_->meta_of(key); }

  Result<std::unique_ptr<Upload>> begin_upload(std::optional<std::uint64_t> size_hint) override {
    return std::make_unique<BufferedUpload>(options_.object_bytes_max, size_hint);
  }

  Result<CommitOutcome> commit(std::vector<Write> writes) override {
    if (Status checked = check_writes(writes); !checked) return std::unexpected(std::move(checked.error()));
    std::uint64_t size_bytes = 0;
    for (const Write& write : writes) {
      if (const Put* put = std::get_if<Put>(&write.what)) size_bytes += upload_of(*put).bytes().size();
    }
    return queue_.commit(std::move(writes), size_bytes);
  }

  void pin(const Revision& revision) { pins_.pin(revision); }

  void unpin(const Revision& revision) {
    if (pins_.unpin(revision)) sweeper_.add({&revision, 1});
  }

 private:
  static const BufferedUpload& upload_of(const Put& put) { return static_cast<const BufferedUpload&>(*put.upload); }

  void apply(std::span<PendingCommit* const> group) {
    GroupState state;
    for (PendingCommit* commit : group) commit->outcome = decide(commit->writes, state);
    const Status written = state.batch.Count() == 0 ? Status() : database_->write_synced(state.batch);
    if (!written) {
      for (PendingCommit* commit : group) commit->outcome = std::unexpected(written.error());
      return;
    }
    std::erase_if(state.replaced, [this](const Revision& revision) { return !pins_.retire(revision); });
    sweeper_.add(state.replaced);
  }

  /// Checks one commit against the keys as the commits before it leave them, and adds it to the batch.
  Result<CommitOutcome> decide(const std::vector<Write>& writes, GroupState& state) {
    CommitOutcome outcome;
    for (const Write& write : writes) {
      const auto key = state_of(write.key, state);
      if (!key) return std::unexpected(key.error());
      outcome.before.push_back(*key);
    }
    for (std::size_t i = 0; i < writes.size(); ++i) {
      if (holds(writes[i].condition, outcome.before[i])) continue;
      outcome.applied = false;
      outcome.failed = i;
      return outcome;
    }
    for (std::size_t i = 0; i < writes.size(); ++i) outcome.after.push_back(add(writes[i], outcome.before[i], state));
    return outcome;
  }

  Result<std::optional<ObjectMeta>> state_of(const std::string& key, const GroupState& state) {
    const auto known = state.keys.find(key);
    if (known != state.keys.end()) return known->second;
    return database_->meta_of(key);
  }

  std::optional<ObjectMeta> add(const Write& write, const std::optional<ObjectMeta>& before, GroupState& state) {
    std::optional<ObjectMeta> after;
    if (const Put* put = std::get_if<Put>(&write.what)) {
      const BufferedUpload& upload = upload_of(*put);
      const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
      after = ObjectMeta{clock_.next(now), upload.bytes().size(), upload.content_hash(), now};
      database_->put_object(state.batch, write.key, *after, upload.bytes());
    } else if (before) {
      database_->delete_key(state.batch, write.key);
    }
    if (before) {
      database_->mark_garbage(state.batch, before->revision);
      state.replaced.push_back(before->revision);
    }
    state.keys[write.key] = after;
    return after;
  }

  const RocksdbStoreOptions options_;
  const std::unique_ptr<RocksdbDatabase> database_;
  RevisionClock clock_;
  RevisionPins pins_;
  GarbageSweeper sweeper_;
  CommitQueue queue_;
};

Pin::Pin(RocksdbStore& store, const Revision& revision) : store_(store), revision_(revision) { store_.pin(revision_); }
Pin::~Pin() { store_.unpin(revision_); }

}  // namespace

Result<std::unique_ptr<Store>> open_rocksdb_store(RocksdbStoreOptions options) {
  auto database = RocksdbDatabase::open(options.directory);
  if (!database) return std::unexpected(std::move(database.error()));
  const Result<Revision> last = (*database)->last_revision();
  if (!last) return std::unexpected(last.error());
  const Result<std::vector<Revision>> garbage = (*database)->garbage();
  if (!garbage) return std::unexpected(garbage.error());
  if (Status dropped = (*database)->drop(*garbage); !dropped) return std::unexpected(std::move(dropped.error()));
  return std::make_unique<RocksdbStore>(std::move(*database), *last, std::move(options));
}

}  // namespace sconce::server::storage
