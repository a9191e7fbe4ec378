#include "server/api/api.h"

#include <functional>
#include <utility>

#include "proto/routes.h"
#include "server/api/batch_commit.h"
#include "server/api/batch_get.h"
#include "server/api/convert.h"
#include "server/api/digested_body.h"
#include "server/api/listing.h"
#include "server/api/object_headers.h"

namespace sconce::server::api {

namespace {

// Reading so much of an object takes less than handing it to another thread, or little more.
constexpr std::size_t kShortBodyBytesMax = 16 * 1024;

Response healthy() {
  constexpr std::string_view kText = "ok\n";
  Response response{.status = 200, .fields = {{"Content-Type", "text/plain"}, {"Cache-Control", "no-store"}}};
  response.body = source_of(std::string(kText));
  return response;
}

Response metrics(const ApiContext& context) {
  // Source: Prometheus, exposition formats, text-based format.
  Response response{
      .status = 200,
      .fields = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}, {"Cache-Control", "no-store"}}};
  response.body = source_of(context.metrics.text());
  return response;
}

Response compact(const ApiContext& context) {
  if (const core::Status compacted = context.store.compact(); !compacted) {
    return failed_response(context.log, "compact", compacted.error());
  }
  return {.status = 204};
}

/// A request that asks for no body; one that comes is dropped.
class WithoutBody final : public RequestBody {
 public:
  explicit WithoutBody(std::function<Response()> answer) : answer_(std::move(answer)) {}
  std::expected<void, Response> put(std::span<const std::byte>) override { return {}; }
  Response finish() override { return answer_(); }

 private:
  std::function<Response()> answer_;
};

Begun without_body(std::function<Response()> answer) { return std::make_unique<WithoutBody>(std::move(answer)); }

}  // namespace

Begun Api::begin(const RequestHead& head, std::optional<std::uint64_t> body_bytes) const {
  Begun begun = begin_endpoint(head, body_bytes);
  if (!begun) return begun;
  return with_digest_checked(head, std::move(*begun));
}

/// Conditions are looked up before the body comes.
bool Api::begins_at_once(const RequestHead& head) const {
  return proto::endpoint_at(head.method, head.path) == proto::Endpoint::put_object &&
         head.field("if-match") == nullptr && head.field("if-none-match") == nullptr;
}

bool Api::is_short(const RequestHead& head, std::size_t body_bytes) const {
  return body_bytes <= kShortBodyBytesMax && begins_at_once(head);
}

Begun Api::begin_endpoint(const RequestHead& head, std::optional<std::uint64_t> body_bytes) const {
  const auto routed = proto::route(head.method, head.path);
  if (!routed) return std::unexpected(response_of(routed.error()));
  const std::string_view key = routed->encoded_key;
  switch (routed->endpoint) {
    case proto::Endpoint::put_object: return objects_.begin_put(head, key, body_bytes);
    case proto::Endpoint::commit_batch: return begin_batch_commit(head, context_);
    case proto::Endpoint::get_batch: return begin_batch_get(head, context_);
    case proto::Endpoint::compact: return without_body([this] { return compact(context_); });
    case proto::Endpoint::convert: return begin_convert(head, body_bytes, context_);
    case proto::Endpoint::read_object: return without_body([this, &head, key] { return objects_.read(head, key); });
    case proto::Endpoint::list_objects: return without_body([this, &head] { return list_objects(head, context_); });
    case proto::Endpoint::delete_object: return objects_.begin_delete(head, key);
    case proto::Endpoint::metrics: return without_body([this] { return metrics(context_); });
    case proto::Endpoint::health: return without_body([] { return healthy(); });
  }
  std::unreachable();
}

}  // namespace sconce::server::api
