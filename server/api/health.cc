#include "server/api/health.h"

#include <utility>

#include "proto/http/requests/query.h"
#include "server/api/bodiless_request.h"

namespace sconce::server::api {

namespace {

using storage::StoreHealth;

std::string_view reason_of(StoreHealth::Trouble trouble) {
  switch (trouble) {
    case StoreHealth::Trouble::none: return "";
    case StoreHealth::Trouble::reopening: return "the store opens its files again after a failure";
    case StoreHealth::Trouble::disk_full:
      return "the disk is full: no objects are stored until there is space; deletes make some";
    case StoreHealth::Trouble::no_descriptors:
      return "the process has no file descriptors left: nothing is written until there are some";
    case StoreHealth::Trouble::write_failed:
      return "the disk failed to write: nothing is written before the server is started again";
  }
  std::unreachable();
}

std::string_view json_of(bool value) { return value ? "true" : "false"; }

/// The reasons need no escapes.
std::string json_of(const StoreHealth& health) {
  const std::string_view reason = reason_of(health.trouble);
  std::string json = "{\"reads\":";
  json += json_of(health.reads);
  json += ",\"writes\":";
  json += json_of(health.writes);
  json += ",\"reason\":";
  json += reason.empty() ? "null" : '"' + std::string(reason) + '"';
  return json + "}\n";
}

class HealthRequest final : public BodilessRequest {
 public:
  std::optional<Response> answer_from_memory(std::string_view) override { return respond(); }
  Response respond() override {
    constexpr std::string_view kText = "ok\n";
    Response response{.status = 200, .fields = {{"Content-Type", "text/plain"}, {"Cache-Control", "no-store"}}};
    response.body = source_of(std::string(kText));
    return response;
  }
};

class ReadyRequest final : public BodilessRequest {
 public:
  ReadyRequest(const ApiContext& context, bool asks_for_writes)
      : context_(context), asks_for_writes_(asks_for_writes) {}

  std::optional<Response> answer_from_memory(std::string_view) override { return respond(); }
  Response respond() override {
    const StoreHealth health = context_.admin.health();
    const bool is_ready = health.reads && (health.writes || !asks_for_writes_);
    Response response{.status = is_ready ? 200U : 503U,
                      .fields = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}}};
    response.body = source_of(json_of(health));
    return response;
  }

 private:
  const ApiContext& context_;
  const bool asks_for_writes_;
};

}  // namespace

std::unique_ptr<PlannedRequest> plan_health() { return std::make_unique<HealthRequest>(); }

proto::HttpResult<std::unique_ptr<PlannedRequest>> plan_ready(const RequestHead& head, const ApiContext& context) {
  constexpr proto::Parameter kAllowed[] = {proto::Parameter::writes};
  const auto query = proto::parse_query(head.query, kAllowed);
  if (!query) return std::unexpected(query.error());
  const auto asks_for_writes = proto::boolean_of(query->writes, "writes", false);
  if (!asks_for_writes) return std::unexpected(asks_for_writes.error());
  return std::make_unique<ReadyRequest>(context, *asks_for_writes);
}

}  // namespace sconce::server::api
