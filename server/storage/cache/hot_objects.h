#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/storage/cache/change_listener.h"
#include "server/storage/store.h"

namespace sconce::server::storage {

/// Small objects that have been read, whole and checked, by key; those used least recently make room for others.
///
/// An object that is found is the current revision: a store announces which keys change (ChangeListener). They are not
/// found meanwhile, and what was read of them before the change ended is not kept (`Version`). So this is for a store
/// that announces all of its changes; one to which other processes write as well does not.
/// Lifetime: readers may outlive it. Threads: safe from many.
class HotObjects final : public ChangeListener {
 public:
  /// With key and annotations. Larger objects are not kept.
  static constexpr std::uint64_t kObjectBytesMax = 64 << 10;

  /// `bytes_max`: about, of all objects together.
  explicit HotObjects(std::uint64_t bytes_max);

  /// The current revision of a key; null if it is not here.
  std::unique_ptr<RevisionReader> open(std::string_view key);

  /// Counts the beginnings and ends of changes of a key, and of some others. Taken before a key is looked up.
  using Version = std::uint64_t;
  Version version_of(std::string_view key);
  /// Whether the key cannot have changed since then.
  bool is_unchanged(std::string_view key, Version version);
  /// Keeps what was found since then, unless the key may have changed, or the object is large.
  void keep(std::string_view key, Version version, const ObjectMeta& meta, std::string_view bytes);

  void begin_change(std::span<const std::string_view> keys) noexcept override;
  void end_change(std::span<const std::string_view> keys) noexcept override;
  void begin_change_of_all() noexcept override;
  void end_change_of_all() noexcept override;

 private:
  struct HotObject;
  using HotObjectPtr = std::shared_ptr<const HotObject>;
  using Recent = std::list<HotObjectPtr>;  // the one used last in front
  class Reader;

  struct HashedKey {
    std::string_view key;
    std::uint64_t hash = 0;
    friend bool operator==(const HashedKey& a, const HashedKey& b) { return a.key == b.key; }
  };
  struct HashOf {
    std::size_t operator()(const HashedKey& key) const { return key.hash; }
  };

  /// What is known of the changes of some keys. Locked before a shard.
  struct alignas(64) Slot {
    void begin();
    void end();

    std::mutex mutex;
    Version version = 0;
    std::size_t changing = 0;  // changes that have not ended
  };

  /// Some of the objects.
  struct alignas(64) Shard {
    HotObjectPtr find(const HashedKey& key);
    /// `object` holds one, which takes the place of another of its key.
    void insert(const HashedKey& key, Recent object, std::uint64_t bytes_max);
    void erase(const HashedKey& key) noexcept;
    void clear() noexcept;

    std::mutex mutex;
    Recent recent;
    std::unordered_map<HashedKey, Recent::iterator, HashOf> places;  // the keys are the objects'
    std::uint64_t bytes = 0;

   private:
    void remove(std::unordered_map<HashedKey, Recent::iterator, HashOf>::iterator place, Recent& removed) noexcept;
  };

  HashedKey hashed(std::string_view key) const;
  Slot& slot_of(const HashedKey& key) { return slots_[key.hash % slots_.size()]; }
  Shard& shard_of(const HashedKey& key) { return shards_[(key.hash >> 32U) % shards_.size()]; }

  const std::uint64_t secret_;  // so that nobody can choose keys that collide
  std::array<Slot, 1024> slots_;
  std::vector<Shard> shards_;
  const std::uint64_t shard_bytes_max_;
};

}  // namespace sconce::server::storage
