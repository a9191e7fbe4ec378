#pragma once

#include <rocksdb/cache.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "server/storage/store.h"
#include "server/storage/store_counters.h"

namespace sconce::server::storage {

/// Small objects that have been read, whole and checked, by key, so that nothing of the database is looked up for them.
///
/// What is found is what the database has: who commits announces which keys before it writes and until it has written
/// (`Change`); they are not found meanwhile, and what was read of them is not kept (`Stamp`).
/// Threads: safe from many.
class HotObjects {
 public:
  static constexpr std::uint64_t kObjectBytesMax = 64 << 10;

  /// Of all that is kept of them together, about. `counters` are borrowed.
  HotObjects(std::uint64_t bytes_max, StoreCounters& counters);

  /// The current revision of a key; null if it is not here. Lifetime: the reader's is not longer than this.
  std::unique_ptr<RevisionReader> open(const std::string& key);

  /// How a key stood before it was looked up, here or in the database.
  using Stamp = std::uint64_t;
  Stamp stamp(const std::string& key);
  /// Whether it cannot have changed since then.
  bool holds(const std::string& key, Stamp stamp);
  /// What was found since then. Kept, unless the stamp does not hold, or it is large.
  void keep(const std::string& key, Stamp stamp, const ObjectMeta& meta, std::string_view bytes);

  /// While it lives, these keys change. Lifetime: the keys are borrowed.
  class Change {
   public:
    Change(HotObjects& objects, std::span<const std::string_view> keys);
    ~Change();
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;

   private:
    void end(std::span<const std::string_view> keys) noexcept;

    HotObjects& objects_;
    const std::span<const std::string_view> keys_;
  };

  /// While it lives, any key may change.
  class ChangeOfAll {
   public:
    explicit ChangeOfAll(HotObjects& objects);
    ~ChangeOfAll();
    ChangeOfAll(const ChangeOfAll&) = delete;
    ChangeOfAll& operator=(const ChangeOfAll&) = delete;

   private:
    HotObjects& objects_;
  };

 private:
  class Reader;

  /// Some of the keys.
  struct alignas(64) Part {
    void begin();
    void end();

    std::mutex mutex;
    Stamp stamp = 0;           // counts the begins and ends of changes
    std::size_t changing = 0;  // changes that have not ended
  };
  Part& part_of(std::string_view key);
  /// Lifetime: until the next call on this thread.
  rocksdb::Slice cache_key_of(std::string_view key) const;

  const std::shared_ptr<rocksdb::Cache> cache_;
  StoreCounters& counters_;
  const std::uint64_t secret_;                 // so that nobody can choose keys that the cache takes for neighbours
  std::atomic<std::uint64_t> generation_ = 0;  // of what can be found
  std::array<Part, 1024> parts_;
};

}  // namespace sconce::server::storage
