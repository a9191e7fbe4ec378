#include "server/api/objects/write_condition.h"

#include "proto/http/fields/conditional.h"
#include "server/api/objects/object_headers.h"

namespace sconce::server::api {

namespace {

std::string why_not(const storage::Condition& condition, bool exists, const std::string& which) {
  using Kind = storage::Condition::Kind;
  const bool names_none = condition.kind == Kind::revision_is_one_of && condition.revisions.empty();
  if (names_none) return which + ": " + std::string(kNoStrongTag);
  if (!exists) return which + " does not exist";
  if (condition.kind == Kind::absent) return which + " exists already; ETag says which revision it has";
  if (condition.kind == Kind::revision_is_none_of) return which + " has the revision that If-None-Match names";
  return which + " has another revision than If-Match names; ETag says which";
}

}  // namespace

storage::Condition storage_condition(const proto::WriteCondition& condition) {
  using To = storage::Condition::Kind;
  using From = proto::WriteCondition::Kind;
  storage::Condition converted;
  switch (condition.kind) {
    case From::any: converted.kind = To::any; break;
    case From::exists: converted.kind = To::exists; break;
    case From::absent: converted.kind = To::absent; break;
    case From::revision_is_one_of: converted.kind = To::revision_is_one_of; break;
    case From::revision_is_none_of: converted.kind = To::revision_is_none_of; break;
  }
  for (const proto::RevisionId& revision : condition.revisions) converted.revisions.push_back({revision});
  return converted;
}

proto::HttpResult<storage::Condition> condition_of(const RequestHead& head, const ApiContext& context) {
  if (!head.has_fields_of("if-") && !context.require_conditions) return storage::Condition{};
  const auto conditions = proto::parse_conditions(head.field("if-match"), head.field("if-none-match"));
  if (!conditions) return std::unexpected(conditions.error());
  if (!conditions->if_match && date_of(head, "if-unmodified-since")) {
    return proto::refuse(proto::RequestError::bad_header,
                         "If-Unmodified-Since is too coarse to write by; If-Match takes the ETag");
  }
  const auto condition = proto::write_condition(*conditions);
  if (!condition) return std::unexpected(condition.error());
  if (context.require_conditions && condition->kind == proto::WriteCondition::Kind::any) {
    return proto::refuse(proto::RequestError::precondition_required,
                         "this server takes only writes with If-Match or If-None-Match");
  }
  return storage_condition(*condition);
}

Response precondition_failed(const storage::Condition& condition, const std::optional<storage::ObjectMeta>& current,
                             std::string_view which) {
  Response response = response_of(proto::problem_of(proto::RequestError::precondition_failed,
                                                    why_not(condition, current.has_value(), std::string(which))));
  if (current) response.fields.push_back({"ETag", entity_tag_of(*current, proto::Representation{})});
  return response;
}

}  // namespace sconce::server::api
