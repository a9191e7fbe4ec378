// DELETE.

#include "proto/http/requests/query.h"
#include "server/api/objects/object_headers.h"
#include "server/api/objects/objects.h"
#include "server/api/objects/write_condition.h"

namespace sconce::server::api {

namespace {

class ObjectDelete final : public RequestHandler {
 public:
  ObjectDelete(const ApiContext& context, storage::Write write) : context_(context), condition_(write.condition) {
    writes_.push_back(std::move(write));
  }

  /// A body that comes is dropped.
  OrResponse<void> put(std::span<const std::byte>) override { return {}; }

  bool stores() const override { return true; }

  void store(Completion stored) override {
    context_.store.begin_commit(std::move(writes_), [this, stored = std::move(stored)](auto outcome) mutable {
      outcome_ = std::move(outcome);
      stored();
    });
  }

  Response finish() override {
    if (!outcome_) return failed_response(context_.log, "DELETE", outcome_.error());
    if (!outcome_->applied) return precondition_failed(condition_, outcome_->before[0]);
    if (!outcome_->before[0]) return key_not_found();
    return {.status = 204};
  }

 private:
  const ApiContext& context_;
  const storage::Condition condition_;
  std::vector<storage::Write> writes_;
  storage::Result<storage::CommitOutcome> outcome_ = {};  // once it is stored
};

class DeleteRequest final : public PlannedRequest {
 public:
  DeleteRequest(const ApiContext& context, storage::Write write) : context_(context), write_(std::move(write)) {}

  Cost cost_of(std::span<const std::byte>) const override { return Cost::write; }

  HandlerOrResponse begin(std::optional<std::uint64_t>) override {
    return std::make_unique<ObjectDelete>(context_, std::move(write_));
  }

 private:
  const ApiContext& context_;
  storage::Write write_;
};

}  // namespace

proto::HttpResult<std::unique_ptr<PlannedRequest>> plan_delete(const RequestHead& head, std::string key,
                                                               const ApiContext& context) {
  if (const auto query = proto::parse_query(head.query, {}); !query) return std::unexpected(query.error());
  proto::HttpResult<storage::Condition> condition = condition_of(head, context);
  if (!condition) return std::unexpected(std::move(condition.error()));
  return std::make_unique<DeleteRequest>(
      context, storage::Write{.key = std::move(key), .condition = std::move(*condition), .what = storage::Delete{}});
}

}  // namespace sconce::server::api
