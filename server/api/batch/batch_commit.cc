#include "server/api/batch/batch_commit.h"

#include <algorithm>

#include "core/text/quote.h"
#include "proto/formats/convert/object_importer.h"
#include "proto/formats/json/json_text.h"
#include "proto/http/fields/media_type.h"
#include "proto/http/requests/batch.h"
#include "proto/http/requests/listing.h"
#include "server/api/batch/batch_intake.h"
#include "server/api/batch/pulled_body.h"
#include "server/api/objects/object_headers.h"
#include "server/api/objects/write_condition.h"

namespace sconce::server::api {

namespace {

using proto::HttpResult;
using storage::Write;

HttpResult<BatchPlan> parse_batch(const RequestHead& head) {
  HttpResult<proto::BatchRequest> request = proto::parse_batch_request(head.query);
  if (!request) return std::unexpected(std::move(request.error()));
  if (const auto encoding = check_content_encoding(head); !encoding) return std::unexpected(encoding.error());
  const auto format = proto::body_format(request->format, "");
  if (!format) return std::unexpected(format.error());
  return BatchPlan{std::move(*request), *format};
}

/// Bulk, if it may hold an object that is compressed.
Cost cost_of_tar(proto::ObjectFormat format, std::span<const std::byte> tar) {
  const std::string_view bytes(reinterpret_cast<const char*>(tar.data()), tar.size());
  const auto is_there = [bytes](std::string_view begin) { return bytes.contains(begin); };
  const bool is_told = format != proto::ObjectFormat::automatic;
  const bool may_hold_npz =
      is_told ? format == proto::ObjectFormat::npz : std::ranges::any_of(proto::kZipBegins, is_there);
  return may_hold_npz ? Cost::bulk : Cost::write;
}

/// `{"objects":[{"key":"a","etag":"…"}],"deleted":1}`, the objects in the tar's order.
Response committed(const std::vector<std::string>& keys, const storage::CommitOutcome& outcome) {
  std::string json = "{\"objects\":[";
  std::size_t deleted = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto& before = outcome.before[i];
    const auto& after = outcome.after[i];
    if (before && !after) deleted += 1;
    if (!after || (before && before->revision == after->revision)) continue;
    if (json.back() != '[') json += ",\n";
    json += "{\"key\":";
    proto::append_printable_string(json, keys[i]);
    json += ",\"etag\":";
    proto::append_printable_string(json, entity_tag_of(*after, proto::Representation{}));
    json += '}';
  }
  json += "],\"deleted\":" + std::to_string(deleted) + "}\n";
  Response response{.status = 200, .fields = {{"Content-Type", "application/json"}}};
  response.body = source_of(std::move(json));
  return response;
}

class BatchCommit final : public RequestHandler {
 public:
  BatchCommit(const ApiContext& context, const BatchPlan& plan, const Caller& caller)
      : context_(context),
        intake_(context, plan, caller),
        body_([this](BodyReader& body) { return intake_.read(body); }) {}

  OrResponse<void> put(std::span<const std::byte> bytes) override { return checked(body_.put(bytes)); }
  OrResponse<void> complete() override { return checked(body_.end()); }
  bool stores() const override { return true; }

  void store(Completion stored) override {
    std::vector<Write> writes = intake_.take_writes();
    keys_.reserve(writes.size());
    conditions_.reserve(writes.size());
    for (const Write& write : writes) {
      keys_.push_back(write.key);
      conditions_.push_back(write.condition);
    }
    context_.store.begin_commit(std::move(writes), [this, stored = std::move(stored)](auto outcome) mutable {
      outcome_ = std::move(outcome);
      stored();
    });
  }

  Response finish() override {
    if (!outcome_) return failed_response(context_.log, kBatchCommit, outcome_.error());
    if (!outcome_->applied) {
      const std::size_t failed = outcome_->failed;
      return precondition_failed(conditions_[failed], outcome_->before[failed],
                                 "the key " + core::in_backticks(keys_[failed]));
    }
    Response response = committed(keys_, *outcome_);
    add_undeclared(response, intake_.undeclared());
    add_skipped(response, intake_.skipped());
    return response;
  }

 private:
  static OrResponse<void> checked(const HttpResult<void>& taken) {
    if (!taken) return std::unexpected(response_of(taken.error()));
    return {};
  }

  const ApiContext& context_;
  BatchIntake intake_;
  PulledBody body_;                                       // reads into `intake_`, so it goes first
  std::vector<std::string> keys_;                         // of the writes, once they are on their way
  std::vector<storage::Condition> conditions_;            // likewise
  storage::Result<storage::CommitOutcome> outcome_ = {};  // once it is stored
};

class BatchCommitRequest final : public PlannedRequest {
 public:
  BatchCommitRequest(const ApiContext& context, BatchPlan plan, const Caller& caller)
      : context_(context), plan_(std::move(plan)), caller_(caller) {}

  Cost cost_of(std::span<const std::byte> body) const override { return cost_of_tar(plan_.format, body); }

  HandlerOrResponse begin(std::optional<std::uint64_t>) override {
    return std::make_unique<BatchCommit>(context_, plan_, caller_);
  }

 private:
  const ApiContext& context_;
  const BatchPlan plan_;
  const Caller caller_;
};

}  // namespace

HttpResult<std::unique_ptr<PlannedRequest>> plan_batch_commit(const RequestHead& head, const ApiContext& context,
                                                              const Caller& caller) {
  HttpResult<BatchPlan> plan = parse_batch(head);
  if (!plan) return std::unexpected(std::move(plan.error()));
  return std::make_unique<BatchCommitRequest>(context, std::move(*plan), caller);
}

}  // namespace sconce::server::api
