#include "server/http/message.h"

#include <algorithm>

namespace sconce::server {

namespace {

class TextSource final : public BodySource {
 public:
  explicit TextSource(std::string text) : text_(std::move(text)) {}
  std::optional<std::uint64_t> size_bytes() const override { return text_.size(); }
  core::Result<std::span<const std::byte>> next() override {
    const std::size_t size = std::min(kPieceBytesMax, text_.size() - done_);
    const std::span<const std::byte> piece = std::as_bytes(std::span(text_)).subspan(done_, size);
    done_ += size;
    return piece;
  }
  std::uint64_t held_bytes() const override { return text_.capacity(); }
  bool is_in_memory() const override { return true; }
  bool can_seek() const override { return true; }
  core::Status seek(std::uint64_t offset) override {
    done_ = offset;
    return {};
  }

 private:
  std::string text_;
  std::size_t done_ = 0;
};

}  // namespace

std::unique_ptr<BodySource> source_of(std::string text) { return std::make_unique<TextSource>(std::move(text)); }

Response response_of(const proto::Problem& problem) {
  Response response{.status = problem.status,
                    .fields = {{"Content-Type", std::string(proto::kProblemMediaType)}, {"Cache-Control", "no-store"}}};
  if (!problem.allow.empty()) response.fields.push_back({"Allow", problem.allow});
  if (!problem.challenge.empty()) response.fields.push_back({"WWW-Authenticate", problem.challenge});
  if (problem.code == proto::kOverloaded) response.fields.push_back({"Retry-After", "1"});
  response.body = source_of(proto::to_json(problem));
  return response;
}

}  // namespace sconce::server
