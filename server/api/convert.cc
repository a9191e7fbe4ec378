#include "server/api/convert.h"

#include <algorithm>
#include <utility>

#include "proto/formats/convert/object_importer.h"
#include "proto/http/fields/media_type.h"
#include "server/api/objects/object_headers.h"
#include "server/api/objects/object_intake.h"
#include "server/api/objects/output_request.h"
#include "server/api/objects/representation_source.h"
#include "server/api/objects/roomy_spool.h"

namespace sconce::server::api {

namespace {

using core::Status;
using proto::HttpResult;

constexpr std::string_view kDoing = "convert";

/// A conversion, as far as its head says it.
struct ConvertPlan {
  proto::ImportRequest intake;
  proto::OutputPlan output;
};

HttpResult<ConvertPlan> parse_convert(const RequestHead& head, const ApiContext& context) {
  using proto::Parameter;
  constexpr Parameter kAllowed[] = {Parameter::from,  Parameter::to,   Parameter::in_referenced, Parameter::referenced,
                                    Parameter::style, Parameter::path, Parameter::slice};
  const auto query = proto::parse_query(head.query, kAllowed);
  if (!query) return std::unexpected(query.error());
  const auto in_referenced = proto::boolean_of(query->in_referenced, "in_referenced", true);
  if (!in_referenced) return std::unexpected(in_referenced.error());
  if (const auto encoding = check_content_encoding(head); !encoding) return std::unexpected(encoding.error());
  const auto from = proto::body_format(query->from.value_or(""), head.value_of("content-type"));
  if (!from) return std::unexpected(from.error());
  const auto to = proto::answer_format(query->to.value_or(""), head.value_of("accept"));
  if (!to) return std::unexpected(to.error());
  HttpResult<proto::OutputPlan> output = output_plan_of(*query, *to);
  if (!output) return std::unexpected(std::move(output.error()));
  ConvertPlan plan{.intake = {.format = *from, .read = {}, .spool = {}}, .output = std::move(*output)};
  plan.intake.read = {.referenced = *in_referenced,
                      .trailing = core::TrailingBytes::refuse,
                      .limits = context.read_limits,
                      .classes = &context.classes};
  plan.intake.elements_bytes_max = context.body_bytes_max;
  return plan;
}

class Conversion final : public RequestHandler {
 public:
  Conversion(const ApiContext& context, const ConvertPlan& plan, std::shared_ptr<core::Spool> canonical)
      : context_(context), output_(plan.output), canonical_(std::move(canonical)), intake_(plan.intake, *canonical_) {}

  OrResponse<void> put(std::span<const std::byte> bytes) override {
    if (const Status taken = intake_.put(bytes); !taken) return std::unexpected(failed(taken.error()));
    return {};
  }

  OrResponse<void> complete() override {
    if (const Status finished = intake_.finish(); !finished) return std::unexpected(failed(finished.error()));
    auto outline = std::make_shared<const core::Outline>(intake_.take_outline());
    std::shared_ptr<core::ByteSource> bytes(canonical_, &canonical_->source());
    const CanonicalObject object{.bytes = std::move(bytes),
                                 .outline = std::move(outline),
                                 .request = std::make_shared<RequestObjects>(*context_.memory)};
    auto body = representation_source(object, output_, context_);
    if (!body) return std::unexpected(failed(body.error()));
    body_ = std::move(*body);
    return {};
  }

  Response finish() override {
    Response response{.status = 200, .fields = {{"Content-Type", proto::media_type_of(output_.format)}}};
    add_undeclared(response, intake_.undeclared());
    add_skipped(response, intake_.skipped());
    response.body = std::move(body_);
    return response;
  }

 private:
  Response failed(const core::Error& error) const {
    const proto::Problem problem = proto::problem_of(error, proto::Subject::request_body);
    return problem.status >= 500 ? failed_response(context_.log, kDoing, error) : response_of(problem);
  }

  const ApiContext& context_;
  const proto::OutputPlan& output_;
  const std::shared_ptr<core::Spool> canonical_;  // the bytes of the body, on the disk as long as they are needed
  proto::ObjectImporter intake_;
  std::unique_ptr<BodySource> body_;  // of the answer, once it is complete
};

class ConvertRequest final : public PlannedRequest {
 public:
  ConvertRequest(const ApiContext& context, ConvertPlan plan) : context_(context), plan_(std::move(plan)) {}

  /// Never immediate: the bytes go to the disk.
  Cost cost_of(std::span<const std::byte> body) const override {
    return std::max(cost_of_intake(plan_.intake.format, body), Cost::write);
  }

  HandlerOrResponse begin(std::optional<std::uint64_t> body_bytes) override {
    plan_.intake.read.input_bytes = body_bytes;
    plan_.intake.spool = [&context = context_, body_bytes] { return make_roomy_spool(context, body_bytes); };
    auto spool = make_roomy_spool(context_, body_bytes);
    if (!spool) return std::unexpected(failed_response(context_.log, kDoing, spool.error()));
    return std::make_unique<Conversion>(context_, plan_, std::move(*spool));
  }

 private:
  const ApiContext& context_;
  ConvertPlan plan_;
};

}  // namespace

HttpResult<std::unique_ptr<PlannedRequest>> plan_convert(const RequestHead& head, const ApiContext& context) {
  HttpResult<ConvertPlan> plan = parse_convert(head, context);
  if (!plan) return std::unexpected(std::move(plan.error()));
  return std::make_unique<ConvertRequest>(context, std::move(*plan));
}

}  // namespace sconce::server::api
