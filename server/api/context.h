#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "core/classes/class_layout.h"
#include "core/limits.h"
#include "core/memory_pool.h"
#include "server/api/objects/outline_cache.h"
#include "server/observe/log.h"
#include "server/observe/metrics.h"
#include "server/storage/cached_store.h"
#include "server/storage/scratch_space.h"
#include "server/storage/store_admin.h"

namespace sconce::server::api {

/// What the endpoints work with. Lifetime: all is borrowed and outlives them. Threads: safe from many.
struct ApiContext {
  storage::CachedStore& store;
  storage::StoreAdmin& admin;
  storage::ScratchSpace& scratch;
  observe::Log& log;
  const observe::Metrics& metrics;
  const core::ClassLayouts& classes;
  OutlineCache& outlines;
  core::MemoryPool* memory;                      ///< That requests draw from,
  core::MemoryPool* memory_of_strangers;         ///< and those of clients without a token, where there are tokens.
  const std::filesystem::path& spool_directory;  ///< For what can only be read once all of it has come.
  core::ReadLimits read_limits = {};             ///< Of what a body may ask of its reader.
  std::uint64_t held_bytes_max;                  ///< Of an object that has to be in memory whole.
  std::uint64_t expanded_bytes_max;              ///< What writing shared parts in full may make of it.
  std::uint64_t body_bytes_max;                  ///< Of one object.
  std::size_t batch_entries_max;                 ///< Of one batch.
  bool require_conditions;                       ///< Refuse writes that have none.
};

}  // namespace sconce::server::api
