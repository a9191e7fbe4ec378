#include "server/api/compaction.h"

#include <utility>

#include "server/api/objects/object_headers.h"

namespace sconce::server::api {

namespace {

using proto::RequestError;
using storage::Compaction;

class RunningCompaction final : public RequestHandler {
 public:
  explicit RunningCompaction(const ApiContext& context) : context_(context) {}

  /// A body that comes is dropped.
  OrResponse<void> put(std::span<const std::byte>) override { return {}; }
  bool stores() const override { return true; }

  void store(Completion stored) override {
    context_.admin.begin_compact([this, stored = std::move(stored)](auto outcome) mutable {
      outcome_ = std::move(outcome);
      stored();
    });
  }

  Response finish() override {
    if (!outcome_) return failed_response(context_.log, "compact", outcome_.error());
    switch (*outcome_) {
      case Compaction::done: return {.status = 204};
      case Compaction::cut_short:
        return refused(RequestError::interrupted,
                       "the compaction ended before it was done, since the server stops or had to open its files "
                       "again; ask again later");
      case Compaction::another_is_under_way:
        return refused(RequestError::already_running, "a compaction is under way; ask again when it is done");
    }
    std::unreachable();
  }

 private:
  static Response refused(RequestError error, std::string detail) {
    return response_of(proto::problem_of(error, std::move(detail)));
  }

  const ApiContext& context_;
  storage::Result<Compaction> outcome_ = Compaction::done;  // once it is over
};

class CompactionRequest final : public PlannedRequest {
 public:
  explicit CompactionRequest(const ApiContext& context) : context_(context) {}
  Cost cost_of(std::span<const std::byte>) const override { return Cost::write; }
  HandlerOrResponse begin(std::optional<std::uint64_t>) override {
    return std::make_unique<RunningCompaction>(context_);
  }

 private:
  const ApiContext& context_;
};

}  // namespace

std::unique_ptr<PlannedRequest> plan_compaction(const ApiContext& context) {
  return std::make_unique<CompactionRequest>(context);
}

}  // namespace sconce::server::api
