#include "server/api/convert.h"

#include "core/transcode.h"
#include "proto/media_type.h"
#include "proto/query.h"
#include "server/api/object_headers.h"

namespace sconce::server::api {

namespace {

proto::Answer<core::TranscodeOptions> plan_convert(const RequestHead& head, const ApiContext& context) {
  constexpr proto::Parameter kAllowed[] = {proto::Parameter::from, proto::Parameter::to,
                                           proto::Parameter::in_referenced, proto::Parameter::referenced};
  const auto query = proto::parse_query(head.query, kAllowed);
  if (!query) return std::unexpected(query.error());
  const auto in_referenced = proto::boolean_of(query->in_referenced, "in_referenced", true);
  if (!in_referenced) return std::unexpected(in_referenced.error());
  const auto referenced = proto::boolean_of(query->referenced, "referenced", true);
  if (!referenced) return std::unexpected(referenced.error());
  if (const auto encoding = check_content_encoding(head); !encoding) return std::unexpected(encoding.error());
  const auto from = proto::body_format(query->from.value_or(""), head.value_of("content-type"));
  if (!from) return std::unexpected(from.error());
  const auto to = proto::answer_format(query->to.value_or(""), head.value_of("accept"));
  if (!to) return std::unexpected(to.error());
  core::TranscodeOptions options{.from = *from, .to = *to};
  options.read.referenced = *in_referenced;
  options.read.trailing = core::TrailingBytes::refuse;
  options.read.classes = &context.classes;
  options.referenced = *referenced;
  options.walk.expanded_bytes_max = context.expanded_bytes_max;
  return options;
}

proto::Problem too_large(std::uint64_t bytes_max) {
  return proto::problem_of(
      proto::Refusal::body_too_large,
      "a conversion holds its body in memory, so it takes at most " + std::to_string(bytes_max) + " bytes");
}

class Conversion final : public RequestBody {
 public:
  Conversion(const core::TranscodeOptions& options, std::uint64_t bytes_max)
      : options_(options), bytes_max_(bytes_max) {}

  std::expected<void, Response> put(std::span<const std::byte> bytes) override {
    if (bytes.size() > bytes_max_ - body_.size()) return std::unexpected(response_of(too_large(bytes_max_)));
    body_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }

  Response finish() override {
    std::string text;
    core::StringSink out(text);
    const core::Result<std::size_t> used = core::transcode(std::as_bytes(std::span(body_)), out, options_);
    if (!used) return response_of(proto::problem_of(used.error(), proto::Subject::request_body));
    Response response{.status = 200, .fields = {{"Content-Type", proto::media_type_of(options_.to)}}};
    response.body = source_of(std::move(text));
    return response;
  }

 private:
  const core::TranscodeOptions options_;
  const std::uint64_t bytes_max_;
  std::string body_;
};

}  // namespace

Begun begin_convert(const RequestHead& head, std::optional<std::uint64_t> body_bytes, const ApiContext& context) {
  const auto options = plan_convert(head, context);
  if (!options) return std::unexpected(response_of(options.error()));
  const std::uint64_t bytes_max = context.held_bytes_max;
  if (body_bytes.value_or(0) > bytes_max) return std::unexpected(response_of(too_large(bytes_max)));
  return std::make_unique<Conversion>(*options, bytes_max);
}

}  // namespace sconce::server::api
