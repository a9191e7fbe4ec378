#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/classes/class_layout.h"
#include "core/limits.h"
#include "server/api/http_message.h"
#include "server/api/outline_cache.h"
#include "server/observe/log.h"
#include "server/observe/metrics.h"
#include "server/storage/store.h"

namespace sconce::server::api {

/// What the endpoints work with. Borrowed; outlives them.
struct ApiContext {
  storage::Store& store;
  observe::Log& log;
  const observe::Metrics& metrics;
  const core::ClassLayouts& classes;
  OutlineCache& outlines;
  const std::filesystem::path& spool_directory;  ///< For what can only be read once all of it has come.
  core::ReadLimits read_limits = {};             ///< Of what a body may ask of its reader.
  std::uint64_t held_bytes_max;                  ///< Of an object that has to be in memory whole.
  std::uint64_t expanded_bytes_max;              ///< What writing shared parts in full may make of it.
  std::uint64_t body_bytes_max;                  ///< Of one object.
  std::size_t batch_entries_max;                 ///< Of one batch.
  bool require_conditions;                       ///< Refuse writes that have none.
};

/// The endpoints of one object; its key is decoded, and the client may do what it asks for. All may block. Threads:
/// safe from many.
class Objects {
 public:
  explicit Objects(const ApiContext& context) : context_(context) {}

  /// PUT: stores the canonical bytes of the body (core/outline/canonical_writer.h) while it comes.
  Begun begin_put(const RequestHead& head, std::string key, std::optional<std::uint64_t> body_bytes) const;

  Begun begin_delete(const RequestHead& head, std::string key) const;

  /// GET and HEAD.
  Response read(const RequestHead& head, const std::string& key) const;
  /// The same answer, if it needs nothing but what is in memory, and little work. Does not block.
  std::optional<Response> read_from_memory(const RequestHead& head, const std::string& key) const;

 private:
  ApiContext context_;
};

}  // namespace sconce::server::api
