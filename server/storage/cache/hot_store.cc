#include "server/storage/cache/hot_store.h"

#include <algorithm>
#include <utility>

#include "server/storage/forwarding_engine.h"

namespace sconce::server::storage {

namespace {

using Readers = std::vector<std::unique_ptr<RevisionReader>>;
using Versions = std::vector<HotObjects::Version>;

std::uint64_t bytes_of(const Readers& readers) {
  std::uint64_t bytes = 0;
  for (const auto& reader : readers) bytes += reader == nullptr ? 0 : reader->size_bytes();
  return bytes;
}

class HotStore final : public ForwardingEngine {
 public:
  HotStore(std::unique_ptr<StorageEngine> engine, std::shared_ptr<HotObjects> hot, StoreCounters& counters)
      : ForwardingEngine(std::move(engine)), hot_(std::move(hot)), counters_(counters) {}

  std::optional<std::unique_ptr<RevisionReader>> open_in_memory(const std::string& key) override {
    if (auto hot = open_hot(key)) return hot;
    const HotObjects::Version version = hot_->version_of(key);
    auto opened = engine().open_in_memory(key);
    if (!opened || *opened == nullptr) return opened;
    if (!keep(key, version, **opened)) return std::nullopt;
    return opened;
  }

  std::optional<Readers> open_many_in_memory(std::span<const std::string> keys, std::uint64_t bytes_max) override {
    Versions versions;
    versions.reserve(keys.size());
    for (const std::string& key : keys) versions.push_back(hot_->version_of(key));
    Readers opened(keys.size());
    std::vector<std::string> others;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      opened[i] = open_hot(keys[i]);
      if (opened[i] == nullptr) others.push_back(keys[i]);
    }
    if (others.size() == keys.size()) return open_others(keys, versions, bytes_max);
    const std::uint64_t hot_bytes = bytes_of(opened);
    if (hot_bytes > bytes_max) return std::nullopt;
    if (!add_others(others, keys, versions, bytes_max - hot_bytes, opened)) return std::nullopt;
    if (are_unchanged(keys, versions)) return opened;
    // What was found one after the other may not have stood at one moment; what is read at once has.
    return open_others(keys, versions, bytes_max);
  }

 private:
  std::unique_ptr<RevisionReader> open_hot(const std::string& key) {
    auto reader = hot_->open(key);
    if (reader == nullptr) return nullptr;
    StoreCounters::add(counters_.values_read, 1);
    StoreCounters::add(counters_.bytes_read, reader->size_bytes());
    return reader;
  }

  /// All of them, as the engine has them.
  std::optional<Readers> open_others(std::span<const std::string> keys, const Versions& versions,
                                     std::uint64_t bytes_max) {
    auto readers = engine().open_many_in_memory(keys, bytes_max);
    if (!readers) return std::nullopt;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if ((*readers)[i] != nullptr && !keep(keys[i], versions[i], *(*readers)[i])) return std::nullopt;
    }
    return readers;
  }

  /// Opens those that are not yet. False: not all of them are in memory, or they are too large.
  bool add_others(std::span<const std::string> others, std::span<const std::string> keys, const Versions& versions,
                  std::uint64_t bytes_max, Readers& opened) {
    if (others.empty()) return true;
    Versions of_others;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (opened[i] == nullptr) of_others.push_back(versions[i]);
    }
    auto readers = open_others(others, of_others, bytes_max);
    if (!readers) return false;
    auto next = readers->begin();
    for (auto& reader : opened) {
      if (reader == nullptr) reader = std::move(*next++);
    }
    return true;
  }

  bool are_unchanged(std::span<const std::string> keys, const Versions& versions) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!hot_->is_unchanged(keys[i], versions[i])) return false;
    }
    return true;
  }

  /// False: its bytes are not what was written.
  bool keep(const std::string& key, HotObjects::Version version, RevisionReader& reader) {
    if (reader.size_bytes() > HotObjects::kObjectBytesMax) return true;
    const auto bytes = reader.read(0, reader.size_bytes());
    if (!bytes) return false;
    hot_->keep(key, version, reader.meta(), {reinterpret_cast<const char*>(bytes->data()), bytes->size()});
    return true;
  }

  const std::shared_ptr<HotObjects> hot_;
  StoreCounters& counters_;
};

}  // namespace

std::unique_ptr<StorageEngine> with_hot_objects(std::unique_ptr<StorageEngine> engine, std::shared_ptr<HotObjects> hot,
                                                StoreCounters& counters) {
  return std::make_unique<HotStore>(std::move(engine), std::move(hot), counters);
}

}  // namespace sconce::server::storage
