#include "server/storage/rocksdb_hot_objects.h"

#include <functional>

#include "server/storage/rocksdb_options.h"

namespace sconce::server::storage {

namespace {

constexpr std::size_t kObjectBytesMax = 64 << 10;

struct HotObject {
  ObjectMeta meta;
  std::string bytes;
};

void destroy(const rocksdb::Slice&, void* object) { delete static_cast<HotObject*>(object); }

rocksdb::Slice slice_of(std::string_view key) { return {key.data(), key.size()}; }

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
    : cache_(read_cache(bytes_max)), counters_(counters) {}

std::unique_ptr<RevisionReader> HotObjects::open(const std::string& key) {
  rocksdb::Cache::Handle* const handle = cache_->Lookup(slice_of(key));
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

void HotObjects::keep(const std::string& key, Stamp stamp, const ObjectMeta& meta, std::string_view bytes) {
  if (bytes.size() > kObjectBytesMax) return;
  auto object = std::make_unique<HotObject>(meta, std::string(bytes));
  const std::size_t charge = sizeof(HotObject) + key.size() + bytes.size();
  Part& part = part_of(key);
  const std::lock_guard lock(part.mutex);
  if (part.changing > 0 || part.stamp != stamp) return;
  if (cache_->Insert(slice_of(key), object.get(), charge, destroy).ok()) (void)object.release();
}

HotObjects::Part& HotObjects::part_of(std::string_view key) {
  return parts_[std::hash<std::string_view>()(key) % parts_.size()];
}

HotObjects::Change::Change(HotObjects& objects, std::span<const std::string_view> keys)
    : objects_(objects), keys_(keys) {
  for (const std::string_view key : keys_) {
    Part& part = objects_.part_of(key);
    const std::lock_guard lock(part.mutex);
    part.stamp += 1;
    part.changing += 1;
    objects_.cache_->Erase(slice_of(key));
  }
}

HotObjects::Change::~Change() {
  for (const std::string_view key : keys_) {
    Part& part = objects_.part_of(key);
    const std::lock_guard lock(part.mutex);
    part.stamp += 1;
    part.changing -= 1;
  }
}

}  // namespace sconce::server::storage
