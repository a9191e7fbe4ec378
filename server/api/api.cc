#include "server/api/api.h"

#include <chrono>
#include <utility>

#include "proto/http/object_key.h"
#include "server/api/batch/batch_commit.h"
#include "server/api/batch/batch_get.h"
#include "server/api/bodiless_request.h"
#include "server/api/compaction.h"
#include "server/api/convert.h"
#include "server/api/digested_request.h"
#include "server/api/health.h"
#include "server/api/objects/listing.h"
#include "server/api/objects/objects.h"

namespace sconce::server::api {

namespace {

using proto::Endpoint;
using proto::HttpResult;
using Request = std::unique_ptr<PlannedRequest>;

class MetricsRequest final : public BodilessRequest {
 public:
  explicit MetricsRequest(const ApiContext& context) : context_(context) {}
  Response respond() override {
    // Source: Prometheus, exposition formats, text-based format.
    Response response{
        .status = 200,
        .fields = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}, {"Cache-Control", "no-store"}}};
    response.body = source_of(context_.metrics.text(context_.admin.health(), context_.memory->taken_bytes()));
    return response;
  }

 private:
  const ApiContext& context_;
};

ApiContext with_memory_of_strangers(ApiContext context) {
  context.memory = context.memory_of_strangers;
  return context;
}

/// Of a request whose body has not come.
Cost cost_of(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::read_object:
    case Endpoint::list_objects:
    case Endpoint::get_batch:
    case Endpoint::metrics:
    case Endpoint::health:
    case Endpoint::ready: return Cost::read;
    case Endpoint::put_object:
    case Endpoint::delete_object:
    case Endpoint::commit_batch:
    case Endpoint::convert:
    case Endpoint::compact: return Cost::write;
  }
  std::unreachable();
}

}  // namespace

Api::Api(const ApiContext& context, const Access& access)
    : context_(context), context_of_strangers_(with_memory_of_strangers(context)), access_(access) {}

net::Plan Api::plan(const RequestHead& head) const {
  const auto routed = proto::route(head.method, head.path);
  net::Plan plan;
  if (routed) plan.endpoint = routed->endpoint;
  if (routed) plan.cost = cost_of(routed->endpoint);
  const HttpResult<Caller> caller = access_.identify(head, std::chrono::system_clock::now());
  plan.client_is_known = !access_.asks_for_tokens() || (caller && caller->has_token());
  if (!routed) plan.request = std::unexpected(routed.error());
  else if (caller) plan.request = admit(head, *routed, *caller);
  else if (proto::required_rights_of(routed->endpoint).where == proto::RequiredRights::Where::nowhere)
    plan.request = admit(head, *routed, access_.anybody());
  else plan.request = std::unexpected(caller.error());
  return plan;
}

HttpResult<Request> Api::admit(const RequestHead& head, const proto::Routed& routed, const Caller& caller) const {
  using Where = proto::RequiredRights::Where;
  const proto::RequiredRights need = proto::required_rights_of(routed.endpoint);
  if (need.where == Where::nowhere) return plan_endpoint(head, routed.endpoint, {}, caller);
  HttpResult<std::string> key = std::string();
  if (need.where == Where::key) key = proto::parse_object_key(routed.encoded_key);
  // What is wrong with a key is told to a client that may do this to some key.
  const bool is_for_key = need.where == Where::key && key;
  const auto checked = is_for_key ? caller.check(need.rights, *key) : caller.check_somewhere(need.rights);
  if (!checked) return std::unexpected(checked.error());
  if (!key) return std::unexpected(std::move(key.error()));
  return plan_endpoint(head, routed.endpoint, std::move(*key), caller);
}

HttpResult<Request> Api::plan_endpoint(const RequestHead& head, Endpoint endpoint, std::string key,
                                       const Caller& caller) const {
  const bool is_known = !access_.asks_for_tokens() || caller.has_token();
  const ApiContext& context = is_known ? context_ : context_of_strangers_;
  HttpResult<Request> request = nullptr;
  switch (endpoint) {
    case Endpoint::put_object: request = plan_put(head, std::move(key), context); break;
    case Endpoint::read_object: request = plan_read(head, std::move(key), context); break;
    case Endpoint::delete_object: request = plan_delete(head, std::move(key), context); break;
    case Endpoint::list_objects: request = plan_listing(head, context, caller); break;
    case Endpoint::commit_batch: request = plan_batch_commit(head, context, caller); break;
    case Endpoint::get_batch: request = plan_batch_get(head, context, caller); break;
    case Endpoint::convert: request = plan_convert(head, context); break;
    case Endpoint::compact: request = plan_compaction(context); break;
    case Endpoint::metrics: request = std::make_unique<MetricsRequest>(context); break;
    case Endpoint::health: request = plan_health(); break;
    case Endpoint::ready: request = plan_ready(head, context); break;
  }
  const bool has_digest = head.field("content-digest") != nullptr || head.field("repr-digest") != nullptr;
  if (!request || !has_digest) return request;
  return with_digest_checked(head, std::move(*request));
}

}  // namespace sconce::server::api
