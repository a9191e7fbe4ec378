#include "server/api/objects/object_request.h"

#include "proto/http/requests/query.h"

namespace sconce::server::api {

proto::Answer<ObjectRequest> parse_object_request(const RequestHead& head, std::span<const proto::Parameter> allowed) {
  proto::Answer<proto::Query> query = proto::parse_query(head.query, allowed);
  if (!query) return std::unexpected(std::move(query.error()));
  const auto referenced = proto::boolean_of(query->referenced, "referenced", true);
  if (!referenced) return std::unexpected(referenced.error());
  return ObjectRequest{std::move(*query), *referenced};
}

}  // namespace sconce::server::api
