#include "server/api/api.h"

#include <chrono>
#include <functional>
#include <utility>

#include "proto/http/object_key.h"
#include "proto/http/requests/routes.h"
#include "server/api/batch/batch_commit.h"
#include "server/api/batch/batch_get.h"
#include "server/api/compaction.h"
#include "server/api/convert.h"
#include "server/api/digested_body.h"
#include "server/api/health.h"
#include "server/api/objects/listing.h"
#include "server/api/objects/object_headers.h"

namespace sconce::server::api {

namespace {

// Reading so much of an object takes less than handing it to another thread, or little more.
constexpr std::size_t kShortBodyBytesMax = 16 * 1024;

Response metrics(const ApiContext& context) {
  // Source: Prometheus, exposition formats, text-based format.
  Response response{
      .status = 200,
      .fields = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}, {"Cache-Control", "no-store"}}};
  response.body = source_of(context.metrics.text(context.admin.health()));
  return response;
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

proto::Answer<Admitted> Api::admit(const RequestHead& head) const {
  using Where = proto::Need::Where;
  const auto routed = proto::route(head.method, head.path);
  if (!routed) return std::unexpected(routed.error());
  const proto::Need need = proto::need_of(routed->endpoint);
  const auto admitted = [this, &routed](std::string key, Caller caller) {
    const bool is_known = caller.has_token() || !access_.asks_for_tokens();
    return Admitted{routed->endpoint, std::move(key), std::move(caller), is_known};
  };
  if (need.where == Where::nowhere) return admitted("", access_.anybody());
  proto::Answer<Caller> caller = access_.identify(head, std::chrono::system_clock::now());
  if (!caller) return std::unexpected(caller.error());
  if (const auto checked = caller->check_somewhere(need.rights); !checked) return std::unexpected(checked.error());
  if (need.where != Where::key) return admitted("", std::move(*caller));
  proto::Answer<std::string> key = proto::parse_object_key(routed->encoded_key);
  if (!key) return std::unexpected(std::move(key.error()));
  if (const auto checked = caller->check(need.rights, *key); !checked) return std::unexpected(checked.error());
  return admitted(std::move(*key), std::move(*caller));
}

bool Api::knows(const RequestHead& head) const {
  if (!access_.asks_for_tokens()) return true;
  const proto::Answer<Caller> caller = access_.identify(head, std::chrono::system_clock::now());
  return caller && caller->has_token();
}

Begun Api::begin(const RequestHead& head, Admitted admitted, std::optional<std::uint64_t> body_bytes) const {
  Begun begun = begin_endpoint(head, std::move(admitted), body_bytes);
  if (!begun) return begun;
  return with_digest_checked(head, std::move(*begun));
}

/// Conditions are looked up before the body comes.
bool Api::begins_at_once(const RequestHead& head, const Admitted& admitted, std::uint64_t body_bytes) const {
  return admitted.endpoint == proto::Endpoint::put_object && body_bytes <= kShortBodyBytesMax &&
         head.field("if-match") == nullptr && head.field("if-none-match") == nullptr;
}

std::optional<Response> Api::answer_from_memory(const RequestHead& head, const Admitted& admitted,
                                                std::string_view body) const {
  const bool has_digest = head.field("content-digest") != nullptr || head.field("repr-digest") != nullptr;
  if (has_digest) return std::nullopt;
  switch (admitted.endpoint) {
    case proto::Endpoint::read_object:
      return body.empty() ? objects_.read_from_memory(head, admitted.key) : std::nullopt;
    case proto::Endpoint::get_batch:
      if (body.size() > kShortBodyBytesMax) return std::nullopt;
      return batch_get_from_memory(head, body, context_, admitted.caller);
    case proto::Endpoint::health: return healthy();
    case proto::Endpoint::ready: return ready(head, context_);
    default: return std::nullopt;
  }
}

Begun Api::begin_endpoint(const RequestHead& head, Admitted admitted, std::optional<std::uint64_t> body_bytes) const {
  std::string& key = admitted.key;
  const Caller& caller = admitted.caller;
  switch (admitted.endpoint) {
    case proto::Endpoint::put_object: return objects_.begin_put(head, std::move(key), body_bytes);
    case proto::Endpoint::commit_batch: return begin_batch_commit(head, context_, caller);
    case proto::Endpoint::get_batch: return begin_batch_get(head, context_, caller);
    case proto::Endpoint::compact: return begin_compaction(context_);
    case proto::Endpoint::convert: return begin_convert(head, body_bytes, context_);
    case proto::Endpoint::read_object:
      return without_body([this, &head, key = std::move(key)] { return objects_.read(head, key); });
    case proto::Endpoint::list_objects:
      return without_body([this, &head, caller] { return list_objects(head, context_, caller); });
    case proto::Endpoint::delete_object: return objects_.begin_delete(head, std::move(key));
    case proto::Endpoint::metrics: return without_body([this] { return metrics(context_); });
    case proto::Endpoint::health: return without_body([] { return healthy(); });
    case proto::Endpoint::ready: return without_body([this, &head] { return ready(head, context_); });
  }
  std::unreachable();
}

}  // namespace sconce::server::api
