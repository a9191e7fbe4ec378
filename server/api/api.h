#pragma once

#include <cstdint>
#include <optional>

#include "proto/routes.h"
#include "server/api/access.h"
#include "server/api/http_message.h"
#include "server/api/objects.h"

namespace sconce::server::api {

/// Takes requests to their endpoints. All functions may block, so never on an I/O thread. Threads: safe from many.
class Api {
 public:
  /// `access` is borrowed.
  Api(const ApiContext& context, const Access& access) : context_(context), access_(access), objects_(context) {}

  /// Begins a request; what can be refused before its body is. Whether its client may do it is asked before anything
  /// else of it is looked at, so that who may not learns nothing: not whether a key exists, not whether a condition
  /// holds. `head` must outlive what is returned. `body_bytes` is how many will come, where that is known.
  Begun begin(const RequestHead& head, std::optional<std::uint64_t> body_bytes) const;

  /// The whole answer, where it needs nothing but what is in memory, and little work. `body` is all of the request's.
  /// Does not block, so that it may be called on an I/O thread. Nothing where it is not so, or not known; then `begin`
  /// tells.
  std::optional<Response> answer_from_memory(const RequestHead& head, std::string_view body) const;

  /// The server is about to stop: what takes long and may be left is ended. Does not block.
  void stop() const { context_.store.stop(); }

  /// Whether none of this request blocks or takes long, if this is all of its body.
  bool is_short(const RequestHead& head, std::size_t body_bytes) const;

 private:
  /// A request that its client may make, as far as its head says it.
  struct Admitted {
    proto::Endpoint endpoint;
    std::string key;  // of object endpoints
    Caller caller;
  };
  proto::Answer<Admitted> admit(const RequestHead& head) const;
  Begun begin_endpoint(const RequestHead& head, Admitted admitted, std::optional<std::uint64_t> body_bytes) const;

  ApiContext context_;
  const Access& access_;
  Objects objects_;
};

}  // namespace sconce::server::api
