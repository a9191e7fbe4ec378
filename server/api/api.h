#pragma once

#include <cstdint>
#include <optional>

#include "server/api/http_message.h"
#include "server/api/objects.h"

namespace sconce::server::api {

/// Takes requests to their endpoints. All functions may block, so never on an I/O thread. Threads: safe from many.
class Api {
 public:
  explicit Api(const ApiContext& context) : context_(context), objects_(context) {}

  /// Begins a request; what can be refused before its body is. `head` must outlive what is returned. `body_bytes` is
  /// how many will come, where that is known.
  Begun begin(const RequestHead& head, std::optional<std::uint64_t> body_bytes) const;

  /// Whether `begin` does not block, so that it may be called on an I/O thread.
  bool begins_at_once(const RequestHead& head) const;

  /// Whether none of this request blocks or takes long, if this is all of its body.
  bool is_short(const RequestHead& head, std::size_t body_bytes) const;

 private:
  Begun begin_endpoint(const RequestHead& head, std::optional<std::uint64_t> body_bytes) const;

  ApiContext context_;
  Objects objects_;
};

}  // namespace sconce::server::api
