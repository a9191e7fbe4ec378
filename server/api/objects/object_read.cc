// GET and HEAD.

#include <algorithm>

#include "core/text/quote.h"
#include "proto/formats/arrays/tensor_of_part.h"
#include "proto/formats/json/outline_json.h"
#include "proto/http/fields/conditional.h"
#include "proto/http/fields/digest.h"
#include "proto/http/fields/http_date.h"
#include "proto/http/fields/media_type.h"
#include "proto/http/requests/query.h"
#include "server/api/access/sha256.h"
#include "server/api/bodiless_request.h"
#include "server/api/objects/object_headers.h"
#include "server/api/objects/objects.h"
#include "server/api/objects/output_request.h"
#include "server/api/objects/ranges.h"
#include "server/api/objects/representation_source.h"
#include "server/api/objects/user_metadata.h"
#include "server/api/objects/write_condition.h"

namespace sconce::server::api {

namespace {

using proto::HttpResult;
using proto::Representation;
using storage::RevisionReader;

/// A GET, as far as its head says it.
struct ReadPlan {
  Representation representation;
  proto::OutputPlan output;
  proto::OutlineRequest outline;
  std::optional<proto::Conditions> conditions = std::nullopt;
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
HttpResult<void> plan_outline(const proto::Query& query, ReadPlan& plan) {
  if (*query.view != "outline") {
    return proto::refuse(proto::RequestError::bad_query,
                         "the query parameter `view` must be outline, not " + core::in_backticks(*query.view));
  }
  if (query.slice || query.style || query.format || query.referenced) {
    return proto::refuse(proto::RequestError::bad_query, "with `view=outline` go only `path` and `depth`");
  }
  HttpResult<core::Path> path = path_of(query);
  if (!path) return std::unexpected(std::move(path.error()));
  const HttpResult<std::size_t> depth = proto::count_of(query.depth, "depth", kDepthMax, SIZE_MAX);
  if (!depth) return std::unexpected(depth.error());
  plan.outline = {.path = std::move(*path), .depth = *depth};
  plan.representation = {.outline = true, .part = part_of(query)};
  return {};
}

HttpResult<void> plan_output(const proto::Query& query, const RequestHead& head, ReadPlan& plan) {
  if (query.depth) return proto::refuse(proto::RequestError::bad_query, "`depth` goes with `view=outline`");
  const auto format = proto::answer_format(query.format.value_or(""), head.value_of("accept"));
  if (!format) return std::unexpected(format.error());
  HttpResult<proto::OutputPlan> output = proto::OutputPlan{.format = *format, .referenced = true, .path = {}};
  if (!head.query.empty()) output = output_plan_of(query, *format);
  if (!output) return std::unexpected(std::move(output.error()));
  plan.output = std::move(*output);
  plan.representation = {
      .format = plan.output.format, .referenced = plan.output.referenced, .outline = false, .part = part_of(query)};
  return {};
}

HttpResult<void> plan_conditions(const RequestHead& head, ReadPlan& plan) {
  auto conditions = proto::parse_conditions(head.field("if-match"), head.field("if-none-match"));
  if (!conditions) return std::unexpected(std::move(conditions.error()));
  plan.conditions = std::move(*conditions);
  plan.conditions->if_unmodified_since = date_of(head, "if-unmodified-since");
  plan.conditions->if_modified_since = date_of(head, "if-modified-since");
  return {};
}

HttpResult<ReadPlan> parse_read(const RequestHead& head) {
  using proto::Parameter;
  constexpr Parameter kAllowed[] = {Parameter::format, Parameter::referenced, Parameter::style, Parameter::path,
                                    Parameter::slice,  Parameter::view,       Parameter::depth};
  HttpResult<proto::Query> query = proto::Query();
  if (!head.query.empty()) query = proto::parse_query(head.query, kAllowed);
  if (!query) return std::unexpected(std::move(query.error()));
  ReadPlan plan;
  HttpResult<void> planned = query->view ? plan_outline(*query, plan) : plan_output(*query, head, plan);
  if (planned && head.has_fields_of("if-")) planned = plan_conditions(head, plan);
  if (!planned) return std::unexpected(std::move(planned.error()));
  const std::string* const want = head.field("want-repr-digest");
  const auto wants_digest = want == nullptr ? HttpResult<bool>(false) : proto::wants_sha256(*want);
  if (!wants_digest) return std::unexpected(wants_digest.error());
  plan.wants_digest = *wants_digest;
  return plan;
}

std::vector<Field> fields_of(const storage::ObjectMeta& meta, const std::string& entity_tag) {
  std::vector<Field> fields;
  fields.reserve(8);  // with those of the body
  fields.push_back({"ETag", entity_tag});
  fields.push_back({"Last-Modified", proto::http_date(std::chrono::floor<std::chrono::seconds>(meta.modified))});
  fields.push_back({"Vary", "Accept"});
  fields.push_back({"Cache-Control", "no-cache"});
  if (!meta.annotations.user_metadata.empty()) add_user_metadata(fields, meta.annotations.user_metadata);
  return fields;
}

core::Result<std::unique_ptr<BodySource>> outline_source(const CanonicalObject& object,
                                                         const proto::OutlineRequest& request,
                                                         const ApiContext& context) {
  const auto parts = open_parts(object, context);
  if (!parts) return std::unexpected(parts.error());
  const auto start = (*parts)->finder().find(request.path);
  if (!start) return std::unexpected(start.error());
  const auto array_of = [&parts](core::FoundPart part) -> core::Result<std::optional<proto::ToldArray>> {
    auto array = proto::kept_array_in(**parts, part);
    if (!array) return std::unexpected(std::move(array.error()));
    if (!*array) return std::nullopt;
    return proto::ToldArray{.dtype = proto::name_of((*array)->dtype), .sizes = std::move((*array)->shape)};
  };
  core::Result<std::string> json = proto::outline_json(*start, request, array_of);
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

/// The stored bytes as they are.
bool is_verbatim(const ReadPlan& plan) {
  const proto::OutputPlan& output = plan.output;
  return !plan.representation.outline && output.format == proto::ObjectFormat::binary && output.referenced &&
         output.path.steps.empty() && !output.slice;
}

/// Adds the body, and the digest of all of it if that is wanted, which costs making it twice.
core::Status add_body(Response& response, const std::shared_ptr<RevisionReader>& reader, const ReadPlan& plan,
                      const ApiContext& context) {
  if (is_verbatim(plan) && !plan.wants_digest) {
    response.body = stored_source(reader);
    return {};
  }
  const CanonicalObject object = canonical_object(reader, context);
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

/// Why a read's precondition does not hold.
std::string why_not(const proto::Conditions& conditions, bool exists) {
  const std::optional<proto::EntityTags>& tags = conditions.if_match;
  if (!tags) return "the object was modified after If-Unmodified-Since";
  if (!exists) return "the key does not exist";
  const bool is_weak = !tags->any && std::ranges::all_of(tags->tags, &proto::EntityTags::Tag::weak);
  if (is_weak) return std::string(kNoStrongTag);
  return "the object has another revision, or is asked for in another representation, than If-Match names; ETag says "
         "which";
}

/// The answer to a plan, of the revision that the key has; `reader` is null if it has none.
Response answer_to(const ReadPlan& plan, const RequestHead& head, const std::shared_ptr<RevisionReader>& reader,
                   const ApiContext& context) {
  const storage::ObjectMeta* const meta = reader ? &reader->meta() : nullptr;
  std::optional<std::string> tag;
  if (meta != nullptr) tag = entity_tag_of(*meta, plan.representation);
  std::chrono::sys_seconds modified{};
  if (meta != nullptr) modified = std::chrono::floor<std::chrono::seconds>(meta->modified);
  using proto::ReadOutcome;
  switch (plan.conditions ? proto::evaluate_read(*plan.conditions, tag, modified) : ReadOutcome::proceed) {
    case ReadOutcome::proceed: break;
    case ReadOutcome::not_modified: return {.status = 304, .fields = fields_of(*meta, *tag)};
    case ReadOutcome::precondition_failed: {
      Response response = response_of(
          proto::problem_of(proto::RequestError::precondition_failed, why_not(*plan.conditions, meta != nullptr)));
      if (tag) response.fields.push_back({"ETag", *tag});
      return response;
    }
  }
  if (meta == nullptr) return key_not_found();
  Response response{.status = 200, .fields = fields_of(*meta, *tag)};
  const proto::ObjectFormat shown = plan.representation.outline ? proto::ObjectFormat::json : plan.output.format;
  response.fields.push_back({"Content-Type", proto::media_type_of(shown)});
  if (const core::Status added = add_body(response, reader, plan, context); !added) {
    return response_of(stored_problem(context.log, "GET", added.error()));
  }
  response.fields.push_back({"Accept-Ranges", can_be_ranged(response) ? "bytes" : "none"});
  if (head.field("range") == nullptr) return response;
  // The revision alone: nobody knew it before the object was written, so no part of it can hold the boundary; and what
  // names a representation may hold what no boundary can.
  const std::string boundary = tag->substr(1, tag->find('-') - 1);
  return with_ranges(head, std::move(response), *tag, boundary);
}

/// A format that has the elements of a tensor as they are stored.
bool is_of_tensors(const ReadPlan& plan) {
  const proto::ObjectFormat format = plan.output.format;
  return !plan.representation.outline && plan.output.path.steps.empty() &&
         (format == proto::ObjectFormat::npy || format == proto::ObjectFormat::safetensors);
}

class ReadRequest final : public BodilessRequest {
 public:
  ReadRequest(const ApiContext& context, const RequestHead& head, std::string key, ReadPlan plan)
      : context_(context), head_(head), key_(std::move(key)), plan_(std::move(plan)) {}

  std::optional<Response> answer_from_memory(std::string_view body) override {
    const bool verbatim = is_verbatim(plan_);
    const bool is_made = plan_.wants_digest || !(verbatim || is_of_tensors(plan_));
    if (is_made || !body.empty()) return std::nullopt;
    auto opened = context_.store.open_in_memory(key_);
    if (!opened) return std::nullopt;
    const std::shared_ptr<RevisionReader> reader = std::move(*opened);
    const bool is_there = verbatim || reader == nullptr ||
                          (reader->meta().annotations.root_kind == "tensor" &&
                           is_zero_copy(canonical_object(reader, context_), plan_.output, context_));
    if (!is_there) return std::nullopt;
    return answer_to(plan_, head_, reader, context_);
  }

  Response respond() override {
    auto reader = context_.store.open(key_);
    if (!reader) return failed_response(context_.log, "GET", reader.error());
    return answer_to(plan_, head_, std::move(*reader), context_);
  }

 private:
  const ApiContext& context_;
  const RequestHead& head_;
  const std::string key_;
  const ReadPlan plan_;
};

}  // namespace

HttpResult<std::unique_ptr<PlannedRequest>> plan_read(const RequestHead& head, std::string key,
                                                      const ApiContext& context) {
  HttpResult<ReadPlan> plan = parse_read(head);
  if (!plan) return std::unexpected(std::move(plan.error()));
  return std::make_unique<ReadRequest>(context, head, std::move(key), std::move(*plan));
}

}  // namespace sconce::server::api
