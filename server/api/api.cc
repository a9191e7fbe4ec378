#include "server/api/api.h"

#include <utility>

#include "proto/routes.h"
#include "server/api/convert.h"

namespace sconce::server::api {

namespace {

Response healthy(bool only_head) {
  constexpr std::string_view kText = "ok\n";
  Response response{.status = 200, .fields = {{"Content-Type", "text/plain"}, {"Cache-Control", "no-store"}}};
  if (only_head) response.head_size_bytes = kText.size();
  else response.body = source_of(std::string(kText));
  return response;
}

}  // namespace

std::optional<Response> Api::refuse(const RequestHead& head) const {
  const auto routed = proto::route(head.method, head.path);
  if (!routed) return response_of(routed.error());
  if (routed->endpoint == proto::Endpoint::put_object) return objects_.refuse_put(head, routed->encoded_key);
  if (routed->endpoint == proto::Endpoint::convert) return refuse_convert(head, context_);
  return std::nullopt;
}

Response Api::handle(const RequestHead& head, std::span<const std::byte> body) const {
  const auto routed = proto::route(head.method, head.path);
  if (!routed) return response_of(routed.error());
  switch (routed->endpoint) {
    case proto::Endpoint::read_object: return objects_.read(head, routed->encoded_key);
    case proto::Endpoint::put_object: return objects_.put(head, routed->encoded_key, body);
    case proto::Endpoint::delete_object: return objects_.remove(head, routed->encoded_key);
    case proto::Endpoint::convert: return convert(head, body, context_);
    case proto::Endpoint::health: return healthy(head.method == "HEAD");
  }
  std::unreachable();
}

}  // namespace sconce::server::api
