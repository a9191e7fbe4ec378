#include "server/api/digested_request.h"

#include <vector>

#include "proto/http/fields/digest.h"
#include "server/api/access/sha256.h"

namespace sconce::server::api {

namespace {

struct Expected {
  std::string_view field;
  std::string sha256;
};

class DigestedHandler final : public RequestHandler {
 public:
  DigestedHandler(std::unique_ptr<RequestHandler> handler, const std::vector<Expected>& expected)
      : handler_(std::move(handler)), expected_(expected) {}

  OrResponse<void> put(std::span<const std::byte> bytes) override {
    hash_.update(bytes);
    return handler_->put(bytes);
  }

  OrResponse<void> complete() override {
    const std::string sha256 = hash_.base64();
    for (const Expected& expected : expected_) {
      if (expected.sha256 == sha256) continue;
      return std::unexpected(response_of(proto::problem_of(
          proto::RequestError::digest_mismatch,
          "the body is not what " + std::string(expected.field) + " says; the sha-256 of what came is " + sha256)));
    }
    return handler_->complete();
  }

  bool stores() const override { return handler_->stores(); }
  void store(Completion stored) override { handler_->store(std::move(stored)); }
  Response finish() override { return handler_->finish(); }

 private:
  std::unique_ptr<RequestHandler> handler_;
  const std::vector<Expected>& expected_;
  Sha256 hash_;
};

/// Never answered from memory: its body is to be read first.
class DigestedRequest final : public PlannedRequest {
 public:
  DigestedRequest(std::unique_ptr<PlannedRequest> request, std::vector<Expected> expected)
      : request_(std::move(request)), expected_(std::move(expected)) {}

  Cost cost_of(std::span<const std::byte> body) const override { return request_->cost_of(body); }

  HandlerOrResponse begin(std::optional<std::uint64_t> body_bytes) override {
    HandlerOrResponse begun = request_->begin(body_bytes);
    if (!begun) return begun;
    return std::make_unique<DigestedHandler>(std::move(*begun), expected_);
  }

 private:
  std::unique_ptr<PlannedRequest> request_;
  const std::vector<Expected> expected_;
};

}  // namespace

proto::HttpResult<std::unique_ptr<PlannedRequest>> with_digest_checked(const RequestHead& head,
                                                                       std::unique_ptr<PlannedRequest> request) {
  constexpr std::string_view kFields[][2] = {{"content-digest", "Content-Digest"}, {"repr-digest", "Repr-Digest"}};
  std::vector<Expected> expected;
  for (const auto& [name, shown] : kFields) {
    const std::string* const field = head.field(name);
    if (field == nullptr) continue;
    auto sha256 = proto::parse_digest(*field, shown);
    if (!sha256) return std::unexpected(std::move(sha256.error()));
    if (*sha256) expected.push_back({shown, std::move(**sha256)});
  }
  if (expected.empty()) return request;
  return std::make_unique<DigestedRequest>(std::move(request), std::move(expected));
}

}  // namespace sconce::server::api
