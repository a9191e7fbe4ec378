#include "server/api/digested_body.h"

#include "proto/http/fields/digest.h"
#include "server/api/access/sha256.h"

namespace sconce::server::api {

namespace {

struct Expected {
  std::string_view field;
  std::string sha256;
};

class DigestedBody final : public RequestBody {
 public:
  DigestedBody(std::unique_ptr<RequestBody> body, std::vector<Expected> expected)
      : body_(std::move(body)), expected_(std::move(expected)) {}

  Effort effort(std::span<const std::byte> body) const override { return body_->effort(body); }

  std::expected<void, Response> put(std::span<const std::byte> bytes) override {
    hash_.update(bytes);
    return body_->put(bytes);
  }

  std::expected<void, Response> complete() override {
    const std::string sha256 = hash_.base64();
    for (const Expected& expected : expected_) {
      if (expected.sha256 == sha256) continue;
      return std::unexpected(response_of(proto::problem_of(
          proto::Refusal::digest_mismatch,
          "the body is not what " + std::string(expected.field) + " says; the sha-256 of what came is " + sha256)));
    }
    return body_->complete();
  }

  bool stores() const override { return body_->stores(); }
  void store(std::move_only_function<void()> stored) override { body_->store(std::move(stored)); }
  Response finish() override { return body_->finish(); }

 private:
  std::unique_ptr<RequestBody> body_;
  const std::vector<Expected> expected_;
  Sha256 hash_;
};

}  // namespace

Begun with_digest_checked(const RequestHead& head, std::unique_ptr<RequestBody> body) {
  constexpr std::string_view kFields[][2] = {{"content-digest", "Content-Digest"}, {"repr-digest", "Repr-Digest"}};
  std::vector<Expected> expected;
  for (const auto& [name, shown] : kFields) {
    const std::string* const field = head.field(name);
    if (field == nullptr) continue;
    auto sha256 = proto::parse_digest(*field, shown);
    if (!sha256) return std::unexpected(response_of(sha256.error()));
    if (*sha256) expected.push_back({shown, std::move(**sha256)});
  }
  if (expected.empty()) return body;
  return std::make_unique<DigestedBody>(std::move(body), std::move(expected));
}

}  // namespace sconce::server::api
