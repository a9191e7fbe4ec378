#include "server/api/object_request.h"

#include "proto/object_key.h"
#include "proto/query.h"

namespace sconce::server::api {

proto::Answer<ObjectRequest> parse_object_request(const RequestHead& head, std::string_view encoded_key) {
  constexpr proto::Parameter kAllowed[] = {proto::Parameter::format, proto::Parameter::referenced};
  proto::Answer<std::string> key = proto::parse_object_key(encoded_key);
  if (!key) return std::unexpected(std::move(key.error()));
  const auto query = proto::parse_query(head.query, kAllowed);
  if (!query) return std::unexpected(query.error());
  const auto referenced = proto::boolean_of(query->referenced, "referenced", true);
  if (!referenced) return std::unexpected(referenced.error());
  return ObjectRequest{std::move(*key), query->format.value_or(""), *referenced};
}

}  // namespace sconce::server::api
