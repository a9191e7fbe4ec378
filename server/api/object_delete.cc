// DELETE.

#include "proto/query.h"
#include "server/api/object_headers.h"
#include "server/api/objects.h"
#include "server/api/write_condition.h"

namespace sconce::server::api {

Response Objects::remove(const RequestHead& head, const std::string& key) const {
  if (const auto query = proto::parse_query(head.query, {}); !query) return response_of(query.error());
  const proto::Answer<storage::Condition> condition = condition_of(head, context_);
  if (!condition) return response_of(condition.error());
  std::vector<storage::Write> writes(1);
  writes[0] = {.key = key, .condition = *condition, .what = storage::Delete{}};
  const auto outcome = context_.store.commit(std::move(writes));
  if (!outcome) return failed_response(context_.log, "DELETE", outcome.error());
  if (!outcome->applied) return precondition_failed(outcome->before[0]);
  if (!outcome->before[0]) return key_not_found();
  return {.status = 204};
}

}  // namespace sconce::server::api
