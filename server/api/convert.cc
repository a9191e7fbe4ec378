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

}  // namespace

std::optional<Response> refuse_convert(const RequestHead& head, const ApiContext& context) {
  const auto options = plan_convert(head, context);
  if (options) return std::nullopt;
  return response_of(options.error());
}

Response convert(const RequestHead& head, std::span<const std::byte> body, const ApiContext& context) {
  const auto options = plan_convert(head, context);
  if (!options) return response_of(options.error());
  std::string text;
  core::StringSink out(text);
  const core::Result<std::size_t> used = core::transcode(body, out, *options);
  if (!used) return response_of(proto::problem_of(used.error(), proto::Subject::request_body));
  Response response{.status = 200, .fields = {{"Content-Type", proto::media_type_of(options->to)}}};
  response.body = source_of(std::move(text));
  return response;
}

}  // namespace sconce::server::api
