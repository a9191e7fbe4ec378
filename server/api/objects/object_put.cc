// PUT.

#include "proto/http/fields/media_type.h"
#include "proto/http/percent.h"
#include "proto/http/requests/query.h"
#include "server/api/objects/object_headers.h"
#include "server/api/objects/object_intake.h"
#include "server/api/objects/objects.h"
#include "server/api/objects/user_metadata.h"
#include "server/api/objects/write_condition.h"
#include "server/storage/condition.h"

namespace sconce::server::api {

namespace {

using proto::HttpResult;

constexpr std::string_view kDoing = "PUT";

// Reading so much of an object takes less than handing it to another thread, or little more.
constexpr std::size_t kImmediateBytesMax = 16 * 1024;

/// A PUT, as far as its head says it.
struct PutPlan {
  std::string key;
  proto::ObjectFormat format = proto::ObjectFormat::automatic;
  bool referenced = true;
  storage::Condition condition;
  UserMetadata user_metadata;
};

HttpResult<PutPlan> parse_put(const RequestHead& head, std::string key, const ApiContext& context) {
  constexpr proto::Parameter kAllowed[] = {proto::Parameter::format, proto::Parameter::referenced};
  HttpResult<proto::Query> query = proto::Query();
  if (!head.query.empty()) query = proto::parse_query(head.query, kAllowed);
  if (!query) return std::unexpected(std::move(query.error()));
  HttpResult<bool> referenced = true;
  if (query->referenced) referenced = proto::boolean_of(query->referenced, "referenced", true);
  if (!referenced) return std::unexpected(std::move(referenced.error()));
  if (head.field("content-range") != nullptr) {  // source: RFC 9110, section 14.5
    return proto::refuse(proto::RequestError::bad_header,
                         "a PUT with Content-Range: an object is only written as a whole");
  }
  if (const auto encoding = check_content_encoding(head); !encoding) return std::unexpected(encoding.error());
  const auto format = proto::body_format(query->format.value_or(""), head.value_of("content-type"));
  if (!format) return std::unexpected(format.error());
  auto condition = condition_of(head, context);
  if (!condition) return std::unexpected(condition.error());
  auto metadata = user_metadata_of(head);
  if (!metadata) return std::unexpected(std::move(metadata.error()));
  return PutPlan{std::move(key), *format, *referenced, std::move(*condition), std::move(*metadata)};
}

class ObjectPut final : public RequestHandler {
 public:
  ObjectPut(const ApiContext& context, PutPlan& plan, std::unique_ptr<ObjectIntake> intake)
      : context_(context), plan_(plan), intake_(std::move(intake)) {}

  OrResponse<void> put(std::span<const std::byte> bytes) override {
    if (const HttpResult<void> taken = intake_->put(bytes); !taken) return std::unexpected(response_of(taken.error()));
    return {};
  }

  OrResponse<void> complete() override {
    HttpResult<storage::Put> put = intake_->finish();
    if (!put) return std::unexpected(response_of(put.error()));
    put_ = std::move(*put);
    return {};
  }

  bool stores() const override { return true; }

  void store(Completion stored) override {
    put_->annotations.user_metadata = std::move(plan_.user_metadata);
    std::vector<storage::Write> writes(1);
    writes[0] = {.key = plan_.key, .condition = plan_.condition, .what = std::move(*put_)};
    context_.store.begin_commit(std::move(writes), [this, stored = std::move(stored)](auto outcome) mutable {
      outcome_ = std::move(outcome);
      stored();
    });
  }

  Response finish() override {
    if (!outcome_) return failed_response(context_.log, kDoing, outcome_.error());
    if (!outcome_->applied) return precondition_failed(plan_.condition, outcome_->before[0]);
    Response response{.status = outcome_->before[0] ? 200U : 201U,
                      .fields = {{"ETag", entity_tag_of(*outcome_->after[0], proto::Representation{})},
                                 {"Location", "/v1/objects/" + proto::percent_encode_path(plan_.key)}}};
    add_undeclared(response, intake_->undeclared());
    add_skipped(response, intake_->skipped());
    return response;
  }

 private:
  const ApiContext& context_;
  PutPlan& plan_;
  std::unique_ptr<ObjectIntake> intake_;
  std::optional<storage::Put> put_;                       // once it is complete
  storage::Result<storage::CommitOutcome> outcome_ = {};  // once it is stored
};

/// Whether the condition holds now; the commit decides, but a body need not come in vain. Errors: the refusal.
OrResponse<void> may_hold(const PutPlan& plan, const ApiContext& context) {
  const auto current = context.store.stat(plan.key);
  if (!current) return std::unexpected(failed_response(context.log, kDoing, current.error()));
  if (!holds(plan.condition, *current)) return std::unexpected(precondition_failed(plan.condition, *current));
  return {};
}

class PutRequest final : public PlannedRequest {
 public:
  PutRequest(const ApiContext& context, PutPlan plan) : context_(context), plan_(std::move(plan)) {}

  /// A condition is looked up before the body is read, which may wait for the disk.
  Cost cost_of(std::span<const std::byte> body) const override {
    const Cost cost = cost_of_intake(plan_.format, body);
    const bool may_wait = has_condition() || body.size() > kImmediateBytesMax;
    return cost == Cost::immediate && may_wait ? Cost::write : cost;
  }

  HandlerOrResponse begin(std::optional<std::uint64_t> body_bytes) override {
    if (has_condition()) {
      if (auto held = may_hold(plan_, context_); !held) return std::unexpected(std::move(held.error()));
    }
    const IntakeOptions options{.format = plan_.format, .referenced = plan_.referenced, .size_bytes = body_bytes};
    auto intake = ObjectIntake::begin(context_, options, kDoing);
    if (!intake) return std::unexpected(response_of(intake.error()));
    return std::make_unique<ObjectPut>(context_, plan_, std::move(*intake));
  }

 private:
  bool has_condition() const { return plan_.condition.kind != storage::Condition::Kind::any; }

  const ApiContext& context_;
  PutPlan plan_;
};

}  // namespace

HttpResult<std::unique_ptr<PlannedRequest>> plan_put(const RequestHead& head, std::string key,
                                                     const ApiContext& context) {
  HttpResult<PutPlan> plan = parse_put(head, std::move(key), context);
  if (!plan) return std::unexpected(std::move(plan.error()));
  return std::make_unique<PutRequest>(context, std::move(*plan));
}

}  // namespace sconce::server::api
