#pragma once

#include <cstdint>
#include <functional>

#include "core/error.h"
#include "server/storage/store_counters.h"
#include "server/storage/store_health.h"

namespace sconce::server::storage {

/// How a compaction ended.
enum class Compaction : std::uint8_t {
  done,
  cut_short,             ///< The store was stopped, or had to open its files again. Some of the space was given back.
  another_is_under_way,  ///< Nothing was done.
};

/// What the operator of a store asks of it, beside its objects.
///
/// Threads: safe from many.
/// Errors: as Store.
class StoreAdmin {
 public:
  virtual ~StoreAdmin() = default;

  /// As it is now: a full disk is seen without a write, and also when it ends. Does not wait for the disk or for a
  /// writer, so that it may be called on an I/O thread.
  virtual StoreHealth health() = 0;

  /// Receives the outcome of a compaction, once. Must not block, and must not throw.
  using Compacted = std::move_only_function<void(core::Result<Compaction>)>;

  /// Gives back the space of what was overwritten or deleted before. Reads and writes go on meanwhile; it may take as
  /// long as writing all small objects once more. Calls `compacted` when it is over: on any thread, also before this
  /// returns; not if this throws.
  virtual void begin_compact(Compacted compacted) = 0;

  /// The same, and waits for it.
  core::Result<Compaction> compact();

  /// The process is about to end: a compaction under way ends early, and none begins any more. Does not block.
  virtual void stop() noexcept = 0;

  /// What the store has done so far. Lifetime: the store's.
  virtual const StoreCounters& counters() const = 0;
};

}  // namespace sconce::server::storage
