#pragma once

#include <memory>
#include <optional>

#include "proto/http/problem.h"
#include "proto/http/requests/routes.h"
#include "server/http/planned_request.h"

namespace sconce::server::net {

/// What the head of a request says, read once. What serves the request takes everything from here.
struct Plan {
  std::optional<proto::Endpoint> endpoint = std::nullopt;  ///< Nothing: no endpoint has this method and path.
  bool client_is_known = false;                            ///< It has a token, or none are asked for.
  Cost cost = Cost::read;                                  ///< Read or write, by the head alone.
  /// Errors: why the client may not make the request, or what is wrong with its head.
  proto::HttpResult<std::unique_ptr<PlannedRequest>> request = nullptr;
};

/// The endpoints, as far as connections know them. Threads: safe from many.
class Handler {
 public:
  virtual ~Handler() = default;
  /// Whether tokens are asked for: then a client is a stranger until a plan says that it is known.
  virtual bool asks_for_tokens() const = 0;
  /// Whether the client may make the request is decided before anything else of it is looked at, so that a client that
  /// may not learns nothing: neither whether a key exists nor whether a condition holds. Does not block. Lifetime:
  /// `head` outlives the plan.
  virtual Plan plan(const RequestHead& head) const = 0;
  /// The server is about to stop: ends what takes long and may be left undone. Does not block.
  virtual void stop() const = 0;
};

}  // namespace sconce::server::net
