#include "server/storage/rocksdb/hot_objects.h"

#include <functional>
#include <random>

#include "server/storage/rocksdb/database/options.h"

namespace sconce::server::storage {

namespace {

struct HotObject {
  ObjectMeta meta;
  std::string bytes;
};

void destroy(const rocksdb::Slice&, void* object) { delete static_cast<HotObject*>(object); }

/// What is kept of an object, about.
std::uint64_t kept_bytes(std::string_view key, const ObjectMeta& meta, std::string_view bytes) {
  const Annotations& annotations = meta.annotations;
  std::uint64_t kept = sizeof(HotObject) + key.size() + bytes.size() + annotations.root_kind.size();
  for (const auto& pair : annotations.user_metadata) kept += sizeof(pair) + pair.first.size() + pair.second.size();
  return kept;
}

std::uint64_t random_number() {
  std::random_device random;
  return std::uint64_t{random()} << 32U | random();
}

}  // namespace

/// Keeps its object, also when another has come in its place.
class HotObjects::Reader final : public RevisionReader {
 public:
  Reader(rocksdb::Cache& cache, rocksdb::Cache::Handle* handle)
      : cache_(cache), handle_(handle), object_(*static_cast<const HotObject*>(cache.Value(handle))) {}
  ~Reader() override { cache_.Release(handle_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  const ObjectMeta& meta() const override { return object_.meta; }
  Result<std::span<const std::byte>> read(std::uint64_t offset, std::size_t size) override {
    return std::as_bytes(std::span(object_.bytes)).subspan(offset, size);
  }
  bool is_in_memory() const override { return true; }
  void release() override {}
  Result<std::string> description() override { return std::string(); }

 private:
  rocksdb::Cache& cache_;
  rocksdb::Cache::Handle* const handle_;
  const HotObject& object_;
};

HotObjects::HotObjects(std::uint64_t bytes_max, StoreCounters& counters)
    : cache_(read_cache(bytes_max)), counters_(counters), secret_(random_number()) {}

std::unique_ptr<RevisionReader> HotObjects::open(const std::string& key) {
  rocksdb::Cache::Handle* const handle = cache_->Lookup(cache_key_of(key));
  if (handle == nullptr) return nullptr;
  auto reader = std::make_unique<Reader>(*cache_, handle);
  StoreCounters::add(counters_.values_read, 1);
  StoreCounters::add(counters_.bytes_read, reader->size_bytes());
  return reader;
}

HotObjects::Stamp HotObjects::stamp(const std::string& key) {
  Part& part = part_of(key);
  const std::lock_guard lock(part.mutex);
  return part.stamp;
}

bool HotObjects::holds(const std::string& key, Stamp stamp) {
  Part& part = part_of(key);
  const std::lock_guard lock(part.mutex);
  return part.changing == 0 && part.stamp == stamp;
}

void HotObjects::keep(const std::string& key, Stamp stamp, const ObjectMeta& meta, std::string_view bytes) {
  const std::uint64_t kept = kept_bytes(key, meta, bytes);
  if (kept > kObjectBytesMax) return;
  auto object = std::make_unique<HotObject>(meta, std::string(bytes));
  Part& part = part_of(key);
  const std::lock_guard lock(part.mutex);
  if (part.changing > 0 || part.stamp != stamp) return;
  if (cache_->Insert(cache_key_of(key), object.get(), kept, destroy).ok()) (void)object.release();
}

HotObjects::Part& HotObjects::part_of(std::string_view key) {
  return parts_[std::hash<std::string_view>()(key) % parts_.size()];
}

rocksdb::Slice HotObjects::cache_key_of(std::string_view key) const {
  const std::array<std::uint64_t, 2> front = {secret_, generation_};
  thread_local std::string text;
  text.assign(reinterpret_cast<const char*>(front.data()), sizeof front);
  text.append(key);
  return text;
}

void HotObjects::Part::begin() {
  stamp += 1;
  changing += 1;
}

void HotObjects::Part::end() {
  stamp += 1;
  changing -= 1;
}

HotObjects::Change::Change(HotObjects& objects, std::span<const std::string_view> keys)
    : objects_(objects), keys_(keys) {
  std::size_t begun = 0;
  try {
    for (const std::string_view key : keys_) {
      const rocksdb::Slice cache_key = objects_.cache_key_of(key);
      Part& part = objects_.part_of(key);
      const std::lock_guard lock(part.mutex);
      part.begin();
      begun += 1;
      objects_.cache_->Erase(cache_key);
    }
  } catch (...) {
    end(keys_.first(begun));
    throw;
  }
}

HotObjects::Change::~Change() { end(keys_); }

void HotObjects::Change::end(std::span<const std::string_view> keys) noexcept {
  for (const std::string_view key : keys) {
    Part& part = objects_.part_of(key);
    const std::lock_guard lock(part.mutex);
    part.end();
  }
}

HotObjects::ChangeOfAll::ChangeOfAll(HotObjects& objects) : objects_(objects) {
  for (Part& part : objects_.parts_) {
    const std::lock_guard lock(part.mutex);
    part.begin();
  }
  objects_.generation_ += 1;
  objects_.cache_->EraseUnRefEntries();
}

HotObjects::ChangeOfAll::~ChangeOfAll() {
  for (Part& part : objects_.parts_) {
    const std::lock_guard lock(part.mutex);
    part.end();
  }
}

}  // namespace sconce::server::storage
