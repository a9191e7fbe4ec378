#pragma once

#include <atomic>
#include <cstdint>

namespace sconce::server::storage {

/// What a store has done since it was opened. Each number only grows. Meta records are not counted.
/// Threads: written and read by many; each number is exact, and none says anything about the others.
struct StoreCounters {
  using Counter = std::atomic<std::uint64_t>;

  Counter chunks_read = 0;     ///< Chunks of large objects that were loaded; a store without chunks has none.
  Counter values_read = 0;     ///< Objects that were loaded whole, as they lie in one piece, or found so in memory.
  Counter bytes_read = 0;      ///< Of those chunks and values, whatever part of them was asked for.
  Counter bytes_written = 0;   ///< Of the objects that commits stored.
  Counter commits = 0;         ///< Commits that changed something.
  Counter segments_moved = 0;  ///< Segments of packs that were copied to another one, to give back space around them.
  Counter objects_converted = 0;  ///< Objects of an older layout that were written as this one has them.
  Counter commit_groups = 0;      ///< Groups of them that became durable together, each by one sync.

  static void add(Counter& counter, std::uint64_t count) { counter.fetch_add(count, std::memory_order_relaxed); }
};

}  // namespace sconce::server::storage
