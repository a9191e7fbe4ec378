#include "server/storage/memory_store.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "server/storage/condition.h"
#include "server/storage/content_hasher.h"
#include "server/storage/key_cursor.h"
#include "server/storage/revision_clock.h"

namespace sconce::server::storage {

namespace {

struct Stored {
  ObjectMeta meta;
  std::string bytes;
  std::string description;
};
using StoredPtr = std::shared_ptr<const Stored>;

class MemoryReader final : public RevisionReader {
 public:
  MemoryReader(StoredPtr stored, StoreCounters& counters) : stored_(std::move(stored)), counters_(counters) {}
  const ObjectMeta& meta() const override { return stored_->meta; }
  Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) override {
    if (!std::exchange(loaded_, true)) {
      StoreCounters::add(counters_.values_read, 1);
      StoreCounters::add(counters_.bytes_read, stored_->bytes.size());
    }
    return std::as_bytes(std::span(stored_->bytes)).subspan(offset, size);
  }
  Result<std::string> description() override { return stored_->description; }
  bool is_in_memory() const override { return true; }
  std::uint64_t held_bytes() const override { return stored_->bytes.size(); }
  void release() override {}

 private:
  StoredPtr stored_;
  StoreCounters& counters_;
  bool loaded_ = false;
};

/// Holds its bytes, hashed as they come.
class MemoryUpload final : public Upload {
 public:
  MemoryUpload(std::uint64_t bytes_max, std::optional<std::uint64_t> size_hint) : bytes_max_(bytes_max) {
    if (size_hint) bytes_.reserve(std::min(*size_hint, bytes_max));
  }
  Status write(std::span<const std::byte> bytes) override {
    if (bytes.size() > bytes_max_ - bytes_.size()) {
      return core::fail(core::ErrorCode::limit_exceeded,
                        "the object is larger than the " + std::to_string(bytes_max_) + " bytes that the store takes");
    }
    bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    hasher_.update(bytes);
    return {};
  }
  Status spool() override { return {}; }
  void describe(std::string description) override { description_ = std::move(description); }

  std::uint64_t size_bytes() const { return bytes_.size(); }
  std::string take_description() { return std::move(description_); }
  std::string take_bytes() { return std::move(bytes_); }
  ContentHash content_hash() const { return hasher_.digest(); }

 private:
  std::uint64_t bytes_max_;
  std::string bytes_;
  std::string description_;
  ContentHasher hasher_;
};

using Objects = std::map<std::string, StoredPtr, std::less<>>;

class MemoryCursor final : public KeyCursor {
 public:
  explicit MemoryCursor(const Objects& objects) : objects_(objects), at_(objects.begin()) {}
  void seek(std::string_view key) override { at_ = objects_.lower_bound(key); }
  void next() override { ++at_; }
  bool valid() const override { return at_ != objects_.end(); }
  std::string_view key() const override { return at_->first; }
  Result<ObjectMeta> meta() const override { return at_->second->meta; }
  Status status() const override { return {}; }

 private:
  const Objects& objects_;
  Objects::const_iterator at_;
};

class UnlimitedRoom final : public DiskRoom {
 public:
  Status take(std::uint64_t) override { return {}; }
  void failed() override {}
};

class MemoryStore final : public StorageEngine {
 public:
  explicit MemoryStore(std::uint64_t object_bytes_max) : object_bytes_max_(object_bytes_max) {}

  Result<std::unique_ptr<RevisionReader>> open(const std::string& key) override {
    const std::lock_guard lock(mutex_);
    return reader_of(key);
  }

  std::optional<std::unique_ptr<RevisionReader>> open_in_memory(const std::string& key) override {
    const std::lock_guard lock(mutex_);
    return reader_of(key);
  }

  std::vector<Result<std::unique_ptr<RevisionReader>>> open_many(std::span<const std::string> keys) override {
    const std::lock_guard lock(mutex_);
    std::vector<Result<std::unique_ptr<RevisionReader>>> readers;
    for (const std::string& key : keys) readers.emplace_back(reader_of(key));
    return readers;
  }

  std::optional<std::vector<std::unique_ptr<RevisionReader>>> open_many_in_memory(std::span<const std::string> keys,
                                                                                  std::uint64_t bytes_max) override {
    const std::lock_guard lock(mutex_);
    std::vector<std::unique_ptr<RevisionReader>> readers;
    for (const std::string& key : keys) {
      readers.push_back(reader_of(key));
      const std::uint64_t size_bytes = readers.back() == nullptr ? 0 : readers.back()->size_bytes();
      if (size_bytes > bytes_max) return std::nullopt;
      bytes_max -= size_bytes;
    }
    return readers;
  }

  Result<std::optional<ObjectMeta>> stat(const std::string& key) override {
    const std::lock_guard lock(mutex_);
    return state_of(key);
  }

  Result<Listing> list(const ListQuery& query) override {
    const std::lock_guard lock(mutex_);
    MemoryCursor cursor(objects_);
    return list_keys(cursor, query);
  }

  Result<std::unique_ptr<Upload>> begin_upload(std::optional<std::uint64_t> size_hint) override {
    return std::make_unique<MemoryUpload>(object_bytes_max_, size_hint);
  }

  Result<std::unique_ptr<DiskRoom>> disk_room(std::optional<std::uint64_t>) override {
    return std::make_unique<UnlimitedRoom>();
  }

  void begin_commit(std::vector<Write> writes, Committed committed) override { committed(committed_now(writes)); }

  StoreHealth health() override { return {}; }
  void begin_compact(Compacted compacted) override { compacted(Compaction::done); }
  void stop() noexcept override {}

  const StoreCounters& counters() const override { return counters_; }

 private:
  /// Null if there is none.
  std::unique_ptr<RevisionReader> reader_of(const std::string& key) {
    const auto found = objects_.find(key);
    if (found == objects_.end()) return nullptr;
    return std::make_unique<MemoryReader>(found->second, counters_);
  }

  Result<CommitOutcome> committed_now(std::vector<Write>& writes) {
    if (Status checked = check_writes(writes); !checked) return std::unexpected(std::move(checked.error()));
    const std::lock_guard lock(mutex_);
    CommitOutcome outcome;
    for (const Write& write : writes) outcome.before.push_back(state_of(write.key));
    for (std::size_t i = 0; i < writes.size(); ++i) {
      if (holds(writes[i].condition, outcome.before[i])) continue;
      outcome.applied = false;
      outcome.failed = i;
      return outcome;
    }
    for (Write& write : writes) outcome.after.push_back(apply(write));
    if (outcome.after != outcome.before) {
      outcome.revision = revision_of_commit(writes, outcome.after, clock_);
      StoreCounters::add(counters_.commits, 1);
      StoreCounters::add(counters_.commit_groups, 1);
    }
    return outcome;
  }

  std::optional<ObjectMeta> state_of(const std::string& key) const {
    const auto found = objects_.find(key);
    return found == objects_.end() ? std::nullopt : std::optional(found->second->meta);
  }

  std::optional<ObjectMeta> apply(Write& write) {
    if (std::holds_alternative<Check>(write.what)) return state_of(write.key);
    Put* const put = std::get_if<Put>(&write.what);
    if (put == nullptr) {
      objects_.erase(write.key);
      return std::nullopt;
    }
    auto& upload = static_cast<MemoryUpload&>(*put->upload);
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const std::optional<ObjectMeta> before = state_of(write.key);
    auto stored = std::make_shared<Stored>();
    stored->meta = {.revision = clock_.next(now),
                    .size_bytes = upload.size_bytes(),
                    .content_hash = upload.content_hash(),
                    .created = before ? before->created : now,
                    .modified = now,
                    .annotations = put->annotations};
    stored->bytes = upload.take_bytes();
    stored->description = upload.take_description();
    StoreCounters::add(counters_.bytes_written, stored->bytes.size());
    objects_.insert_or_assign(write.key, stored);
    return stored->meta;
  }

  const std::uint64_t object_bytes_max_;
  RevisionClock clock_;
  std::mutex mutex_;
  Objects objects_;
  StoreCounters counters_;
};

}  // namespace

std::unique_ptr<StorageEngine> make_memory_store(std::uint64_t object_bytes_max) {
  return std::make_unique<MemoryStore>(object_bytes_max);
}

}  // namespace sconce::server::storage
