#include "server/storage/cache/hot_objects.h"

#include <algorithm>
#include <random>
#include <utility>

#include "server/storage/xxhash.h"

namespace sconce::server::storage {

namespace {

// A shard has room for many of the largest objects, and there are enough for all threads.
constexpr std::uint64_t kShardBytesMin = 4 << 20;
constexpr std::uint64_t kShardsMax = 64;
// Of a list's and a map's node, about.
constexpr std::uint64_t kNodesBytes = 128;

std::uint64_t random_number() {
  std::random_device random;
  return std::uint64_t{random()} << 32U | random();
}

std::uint64_t shard_count(std::uint64_t bytes_max) {
  return std::clamp<std::uint64_t>(bytes_max / kShardBytesMin, 1, kShardsMax);
}

}  // namespace

struct HotObjects::HotObject {
  HashedKey hashed_key() const { return {.key = key, .hash = hash}; }

  std::string key;
  std::uint64_t hash;
  ObjectMeta meta;
  std::string bytes;
  std::uint64_t kept_bytes;  // about
};

namespace {

std::uint64_t kept_bytes_of(std::string_view key, const ObjectMeta& meta, std::string_view bytes) {
  const Annotations& annotations = meta.annotations;
  std::uint64_t kept = sizeof(ObjectMeta) + kNodesBytes + key.size() + bytes.size() + annotations.root_kind.size();
  for (const auto& pair : annotations.user_metadata) kept += sizeof(pair) + pair.first.size() + pair.second.size();
  return kept;
}

}  // namespace

/// Keeps its object, also when another has come in its place.
class HotObjects::Reader final : public RevisionReader {
 public:
  explicit Reader(HotObjectPtr object) : object_(std::move(object)) {}

  const ObjectMeta& meta() const override { return object_->meta; }
  Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) override {
    return std::as_bytes(std::span(object_->bytes)).subspan(offset, size);
  }
  bool is_in_memory() const override { return true; }
  std::uint64_t held_bytes() const override { return object_->kept_bytes; }
  void release() override {}
  Result<std::string> description() override { return std::string(); }

 private:
  const HotObjectPtr object_;
};

HotObjects::HotObjects(std::uint64_t bytes_max)
    : secret_(random_number()), shards_(shard_count(bytes_max)), shard_bytes_max_(bytes_max / shards_.size()) {}

std::unique_ptr<RevisionReader> HotObjects::open(std::string_view key) {
  const HashedKey hashed_key = hashed(key);
  HotObjectPtr object = shard_of(hashed_key).find(hashed_key);
  return object == nullptr ? nullptr : std::make_unique<Reader>(std::move(object));
}

HotObjects::Version HotObjects::version_of(std::string_view key) {
  Slot& slot = slot_of(hashed(key));
  const std::lock_guard lock(slot.mutex);
  return slot.version;
}

bool HotObjects::is_unchanged(std::string_view key, Version version) {
  Slot& slot = slot_of(hashed(key));
  const std::lock_guard lock(slot.mutex);
  return slot.changing == 0 && slot.version == version;
}

void HotObjects::keep(std::string_view key, Version version, const ObjectMeta& meta, std::string_view bytes) {
  const std::uint64_t kept_bytes = kept_bytes_of(key, meta, bytes);
  if (kept_bytes > kObjectBytesMax) return;
  const std::uint64_t hash = hashed(key).hash;
  Recent object;
  object.push_back(std::make_shared<const HotObject>(std::string(key), hash, meta, std::string(bytes), kept_bytes));
  const HashedKey hashed_key = object.front()->hashed_key();
  Slot& slot = slot_of(hashed_key);
  const std::lock_guard lock(slot.mutex);
  if (slot.changing > 0 || slot.version != version) return;
  shard_of(hashed_key).insert(hashed_key, std::move(object), shard_bytes_max_);
}

void HotObjects::begin_change(std::span<const std::string_view> keys) noexcept {
  for (const std::string_view key : keys) {
    const HashedKey hashed_key = hashed(key);
    Slot& slot = slot_of(hashed_key);
    const std::lock_guard lock(slot.mutex);
    slot.begin();
    shard_of(hashed_key).erase(hashed_key);
  }
}

void HotObjects::end_change(std::span<const std::string_view> keys) noexcept {
  for (const std::string_view key : keys) {
    Slot& slot = slot_of(hashed(key));
    const std::lock_guard lock(slot.mutex);
    slot.end();
  }
}

void HotObjects::begin_change_of_all() noexcept {
  for (Slot& slot : slots_) {
    const std::lock_guard lock(slot.mutex);
    slot.begin();
  }
  for (Shard& shard : shards_) shard.clear();
}

void HotObjects::end_change_of_all() noexcept {
  for (Slot& slot : slots_) {
    const std::lock_guard lock(slot.mutex);
    slot.end();
  }
}

HotObjects::HashedKey HotObjects::hashed(std::string_view key) const {
  return {.key = key, .hash = XXH3_64bits_withSeed(key.data(), key.size(), secret_)};
}

void HotObjects::Slot::begin() {
  version += 1;
  changing += 1;
}

void HotObjects::Slot::end() {
  version += 1;
  changing -= 1;
}

HotObjects::HotObjectPtr HotObjects::Shard::find(const HashedKey& key) {
  const std::lock_guard lock(mutex);
  const auto place = places.find(key);
  if (place == places.end()) return nullptr;
  recent.splice(recent.begin(), recent, place->second);
  return *place->second;
}

// What is removed is freed when the lock is gone.
void HotObjects::Shard::insert(const HashedKey& key, Recent object, std::uint64_t bytes_max) {
  Recent removed;
  const std::lock_guard lock(mutex);
  if (const auto old = places.find(key); old != places.end()) remove(old, removed);
  places.emplace(key, object.begin());
  bytes += object.front()->kept_bytes;
  recent.splice(recent.begin(), object);
  while (bytes > bytes_max) remove(places.find(recent.back()->hashed_key()), removed);
}

void HotObjects::Shard::erase(const HashedKey& key) noexcept {
  Recent removed;
  const std::lock_guard lock(mutex);
  if (const auto place = places.find(key); place != places.end()) remove(place, removed);
}

void HotObjects::Shard::clear() noexcept {
  Recent removed;
  const std::lock_guard lock(mutex);
  places.clear();
  removed.swap(recent);
  bytes = 0;
}

void HotObjects::Shard::remove(std::unordered_map<HashedKey, Recent::iterator, HashOf>::iterator place,
                               Recent& removed) noexcept {
  const Recent::iterator object = place->second;
  bytes -= (*object)->kept_bytes;
  places.erase(place);  // its key lies in the object
  removed.splice(removed.end(), recent, object);
}

}  // namespace sconce::server::storage
