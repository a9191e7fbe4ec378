// GET and HEAD.

#include "core/text/quote.h"
#include "proto/formats/convert/canonical_output.h"
#include "proto/formats/json/outline_json.h"
#include "proto/http/fields/conditional.h"
#include "proto/http/fields/digest.h"
#include "proto/http/fields/http_date.h"
#include "proto/http/fields/media_type.h"
#include "server/api/access/sha256.h"
#include "server/api/objects/object_headers.h"
#include "server/api/objects/object_request.h"
#include "server/api/objects/objects.h"
#include "server/api/objects/output_request.h"
#include "server/api/objects/ranges.h"
#include "server/api/objects/representation_source.h"
#include "server/api/objects/user_metadata.h"

namespace sconce::server::api {

namespace {

using proto::Answer;
using proto::Representation;
using storage::RevisionReader;

/// A GET, as far as its head says it.
struct ReadPlan {
  Representation representation;
  proto::OutputPlan output;
  proto::OutlineRequest outline;
  proto::Conditions conditions;
  bool wants_digest = false;
};

// Levels of an outline, if it says how many.
constexpr std::size_t kDepthMax = 1'000'000;

/// What makes the bytes of a part what they are.
std::string part_of(const proto::Query& query) {
  std::string part = query.path.value_or("");
  if (query.slice) part.append(1, '?').append(*query.slice);
  if (query.depth) part.append("?depth=").append(*query.depth);
  return part;
}

/// `?view=outline` with what goes with it. Errors: bad_query.
Answer<void> plan_outline(const proto::Query& query, ReadPlan& plan) {
  if (*query.view != "outline") {
    return proto::refuse(proto::Refusal::bad_query,
                         "the query parameter `view` must be outline, not " + core::in_backticks(*query.view));
  }
  if (query.slice || query.style || query.format || query.referenced) {
    return proto::refuse(proto::Refusal::bad_query, "with `view=outline` go only `path` and `depth`");
  }
  Answer<core::Path> path = path_of(query);
  if (!path) return std::unexpected(std::move(path.error()));
  const Answer<std::size_t> depth = proto::count_of(query.depth, "depth", kDepthMax, SIZE_MAX);
  if (!depth) return std::unexpected(depth.error());
  plan.outline = {.path = std::move(*path), .depth = *depth};
  plan.representation = {.outline = true, .part = part_of(query)};
  return {};
}

Answer<void> plan_output(const proto::Query& query, const RequestHead& head, ReadPlan& plan) {
  if (query.depth) return proto::refuse(proto::Refusal::bad_query, "`depth` goes with `view=outline`");
  const auto format = proto::answer_format(query.format.value_or(""), head.value_of("accept"));
  if (!format) return std::unexpected(format.error());
  Answer<proto::OutputPlan> output = output_plan_of(query, *format);
  if (!output) return std::unexpected(std::move(output.error()));
  plan.output = std::move(*output);
  plan.representation = {
      .format = plan.output.format, .referenced = plan.output.referenced, .outline = false, .part = part_of(query)};
  return {};
}

Answer<ReadPlan> plan_read(const RequestHead& head) {
  using proto::Parameter;
  constexpr Parameter kAllowed[] = {Parameter::format, Parameter::referenced, Parameter::style, Parameter::path,
                                    Parameter::slice,  Parameter::view,       Parameter::depth};
  const Answer<ObjectRequest> request = parse_object_request(head, kAllowed);
  if (!request) return std::unexpected(request.error());
  ReadPlan plan;
  const Answer<void> planned =
      request->query.view ? plan_outline(request->query, plan) : plan_output(request->query, head, plan);
  if (!planned) return std::unexpected(planned.error());
  auto conditions = proto::parse_conditions(head.field("if-match"), head.field("if-none-match"));
  if (!conditions) return std::unexpected(std::move(conditions.error()));
  plan.conditions = std::move(*conditions);
  plan.conditions.if_unmodified_since = date_of(head, "if-unmodified-since");
  plan.conditions.if_modified_since = date_of(head, "if-modified-since");
  const std::string* const want = head.field("want-repr-digest");
  const auto wants_digest = want == nullptr ? Answer<bool>(false) : proto::wants_sha256(*want);
  if (!wants_digest) return std::unexpected(wants_digest.error());
  plan.wants_digest = *wants_digest;
  return plan;
}

std::vector<Field> fields_of(const storage::ObjectMeta& meta, const Representation& representation) {
  std::vector<Field> fields;
  fields.reserve(8);  // with those of the body
  fields.push_back({"ETag", entity_tag_of(meta, representation)});
  fields.push_back({"Last-Modified", proto::http_date(std::chrono::floor<std::chrono::seconds>(meta.modified))});
  fields.push_back({"Vary", "Accept"});
  fields.push_back({"Cache-Control", "no-cache"});
  add_user_metadata(fields, meta.annotations.user_metadata);
  return fields;
}

core::Result<std::unique_ptr<BodySource>> outline_source(const CanonicalObject& object,
                                                         const proto::OutlineRequest& request,
                                                         const ApiContext& context) {
  const auto parts = open_parts(object, context);
  if (!parts) return std::unexpected(parts.error());
  const auto start = (*parts)->finder().find(request.path);
  if (!start) return std::unexpected(start.error());
  core::Result<std::string> json = proto::outline_json(*start, request);
  if (!json) return std::unexpected(std::move(json.error()));
  return source_of(std::move(*json));
}

core::Result<std::unique_ptr<BodySource>> body_of(const CanonicalObject& object, const ReadPlan& plan,
                                                  const ApiContext& context) {
  if (plan.representation.outline) return outline_source(object, plan.outline, context);
  return representation_source(object, plan.output, context);
}

/// Reads the body to its end.
core::Result<std::string> digest_of(BodySource& body) {
  Sha256 hash;
  while (true) {
    const auto piece = body.next();
    if (!piece) return std::unexpected(piece.error());
    if (piece->empty()) return hash.base64();
    hash.update(*piece);
  }
}

/// Adds the body, and the digest of all of it if that is wanted, which costs making it twice.
core::Status add_body(Response& response, const std::shared_ptr<RevisionReader>& reader, const ReadPlan& plan,
                      const ApiContext& context) {
  const CanonicalObject object = canonical_object(reader);
  auto body = body_of(object, plan, context);
  if (body && plan.wants_digest) {
    const core::Result<std::string> digest = digest_of(**body);
    if (!digest) return std::unexpected(digest.error());
    response.fields.push_back({"Repr-Digest", proto::digest_field_of(*digest)});
    body->reset();
    body = body_of(object, plan, context);
  }
  if (!body) return std::unexpected(std::move(body.error()));
  response.body = std::move(*body);
  return {};
}

Response represented(const std::shared_ptr<RevisionReader>& reader, const ReadPlan& plan, const ApiContext& context) {
  Response response{.status = 200, .fields = fields_of(reader->meta(), plan.representation)};
  const proto::ObjectFormat shown = plan.representation.outline ? proto::ObjectFormat::json : plan.output.format;
  response.fields.push_back({"Content-Type", proto::media_type_of(shown)});
  const core::Status added = add_body(response, reader, plan, context);
  if (added) return response;
  return response_of(stored_problem(context.log, "GET", added.error()));
}

/// The answer to a plan, of the revision that the key has; `reader` is null if it has none.
Response answer_to(const ReadPlan& plan, const RequestHead& head, const std::shared_ptr<RevisionReader>& reader,
                   const ApiContext& context) {
  std::optional<std::string> tag;
  if (reader) tag = entity_tag_of(reader->meta(), plan.representation);
  std::chrono::sys_seconds modified{};
  if (reader) modified = std::chrono::floor<std::chrono::seconds>(reader->meta().modified);
  switch (proto::evaluate_read(plan.conditions, tag, modified)) {
    case proto::ReadOutcome::proceed: break;
    case proto::ReadOutcome::not_modified:
      return {.status = 304, .fields = fields_of(reader->meta(), plan.representation)};
    case proto::ReadOutcome::precondition_failed: {
      Response response =
          response_of(proto::problem_of(proto::Refusal::precondition_failed,
                                        "the object is not the one that If-Match or If-Unmodified-Since asks for"));
      if (tag) response.fields.push_back({"ETag", *tag});
      return response;
    }
  }
  if (reader == nullptr) return key_not_found();
  Response response = represented(reader, plan, context);
  if (response.status != 200) return response;
  // The revision alone: nobody knew it before the object was written, so no part of it can hold the boundary; and what
  // names a representation may hold what no boundary can.
  const std::string boundary = tag->substr(1, tag->find('-') - 1);
  return with_ranges(head, std::move(response), *tag, boundary);
}

/// The stored bytes as they are.
bool is_verbatim(const ReadPlan& plan) {
  return plan.output.format == proto::ObjectFormat::binary && proto::is_whole(plan.output);
}

/// A format that has the elements of a tensor as they are stored.
bool is_of_tensors(const ReadPlan& plan) {
  const proto::ObjectFormat format = plan.output.format;
  return (format == proto::ObjectFormat::npy || format == proto::ObjectFormat::safetensors) &&
         plan.output.path.steps.empty();
}

}  // namespace

Response Objects::read(const RequestHead& head, const std::string& key) const {
  const Answer<ReadPlan> plan = plan_read(head);
  if (!plan) return response_of(plan.error());
  auto reader = context_.store.open(key);
  if (!reader) return failed_response(context_.log, "GET", reader.error());
  return answer_to(*plan, head, std::move(*reader), context_);
}

std::optional<Response> Objects::read_from_memory(const RequestHead& head, const std::string& key) const {
  const Answer<ReadPlan> plan = plan_read(head);
  if (!plan) return response_of(plan.error());
  const bool verbatim = is_verbatim(*plan);
  if (plan->representation.outline || plan->wants_digest || !(verbatim || is_of_tensors(*plan))) return std::nullopt;
  auto opened = context_.store.open_in_memory(key);
  if (!opened) return std::nullopt;
  const std::shared_ptr<RevisionReader> reader = std::move(*opened);
  const bool is_there = verbatim || reader == nullptr ||
                        (reader->meta().annotations.root_kind == "tensor" &&
                         is_zero_copy(canonical_object(reader), plan->output, context_));
  if (!is_there) return std::nullopt;
  return answer_to(*plan, head, reader, context_);
}

}  // namespace sconce::server::api
