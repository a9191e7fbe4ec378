#pragma once

#include <memory>
#include <string>

#include "proto/http/requests/routes.h"
#include "server/api/access/access.h"
#include "server/api/context.h"
#include "server/net/handler.h"

namespace sconce::server::api {

/// The endpoints. Lifetime: all that `context` names and `access` are borrowed. Threads: safe from many.
class Api final : public net::Handler {
 public:
  Api(const ApiContext& context, const Access& access);

  bool asks_for_tokens() const override { return access_.asks_for_tokens(); }

  /// Reads the head once: the endpoint, who asks, what they may do, the key, and then the query and the fields that the
  /// endpoint knows.
  net::Plan plan(const RequestHead& head) const override;

  void stop() const override { context_.admin.stop(); }

 private:
  proto::HttpResult<std::unique_ptr<PlannedRequest>> admit(const RequestHead& head, const proto::Routed& routed,
                                                           const Caller& caller) const;
  proto::HttpResult<std::unique_ptr<PlannedRequest>> plan_endpoint(const RequestHead& head, proto::Endpoint endpoint,
                                                                   std::string key, const Caller& caller) const;

  const ApiContext context_;
  const ApiContext context_of_strangers_;  // with their memory
  const Access& access_;
};

}  // namespace sconce::server::api
