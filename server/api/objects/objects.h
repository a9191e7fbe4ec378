#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/api/context.h"
#include "server/api/http_message.h"

namespace sconce::server::api {

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
