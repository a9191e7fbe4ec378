#pragma once

#include <cstdint>
#include <optional>

#include "proto/http/requests/routes.h"
#include "server/api/access/access.h"
#include "server/api/http_message.h"
#include "server/api/objects/objects.h"

namespace sconce::server::api {

/// A request that its client may make, as far as its head says it.
struct Admitted {
  proto::Endpoint endpoint;
  std::string key;  // of object endpoints
  Caller caller;
  bool is_known;  // the client has a token, or none are asked for
};

/// Takes requests to their endpoints. Threads: safe from many.
class Api {
 public:
  /// `access` is borrowed.
  Api(const ApiContext& context, const Access& access) : context_(context), access_(access), objects_(context) {}

  /// Whether the client may make the request. That is asked before anything else of it is looked at, so that who may
  /// not learns nothing: not whether a key exists, not whether a condition holds. Does not block.
  proto::Answer<Admitted> admit(const RequestHead& head) const;

  /// Whether tokens are asked for.
  bool asks_for_tokens() const { return access_.asks_for_tokens(); }
  /// Whether the client has a token, or none are asked for; of one that was not admitted. Does not block.
  bool knows(const RequestHead& head) const;

  /// Begins a request; what can be refused before its body is. `head` must outlive what is returned. `body_bytes` is
  /// how many will come, where that is known. May block, so never on an I/O thread, unless `begins_at_once`.
  Begun begin(const RequestHead& head, Admitted admitted, std::optional<std::uint64_t> body_bytes) const;

  /// Whether `begin` neither blocks nor takes long.
  bool begins_at_once(const RequestHead& head, const Admitted& admitted, std::uint64_t body_bytes) const;

  /// The whole answer, where it needs nothing but what is in memory, and little work. `body` is all of the request's.
  /// Does not block, so that it may be called on an I/O thread. Nothing where it is not so, or not known; then `begin`
  /// tells.
  std::optional<Response> answer_from_memory(const RequestHead& head, const Admitted& admitted,
                                             std::string_view body) const;

  /// The server is about to stop: what takes long and may be left is ended. Does not block.
  void stop() const { context_.admin.stop(); }

 private:
  Begun begin_endpoint(const RequestHead& head, Admitted admitted, std::optional<std::uint64_t> body_bytes) const;

  ApiContext context_;
  const Access& access_;
  Objects objects_;
};

}  // namespace sconce::server::api
