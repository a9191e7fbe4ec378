#include "server/api/objects/object_headers.h"

#include "proto/http/fields/http_date.h"
#include "proto/http/fields/skipped_field.h"
#include "proto/http/fields/undeclared_field.h"

namespace sconce::server::api {

std::optional<std::chrono::sys_seconds> date_of(const RequestHead& head, std::string_view name) {
  const std::string* const text = head.field(name);
  if (text == nullptr) return std::nullopt;
  return proto::parse_http_date(*text, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

void add_undeclared(Response& response, const core::UndeclaredClasses& classes) {
  std::string value = proto::undeclared_field_of(classes);
  if (!value.empty()) response.fields.push_back({proto::kUndeclaredField, std::move(value)});
}

void add_skipped(Response& response, const proto::SkippedEntries& skipped) {
  std::string value = proto::skipped_field_of(skipped);
  if (!value.empty()) response.fields.push_back({proto::kSkippedField, std::move(value)});
}

Response key_not_found() {
  return response_of(proto::problem_of(proto::RequestError::key_not_found, "there is no object under this key"));
}

proto::Problem stored_problem(observe::Log& log, std::string_view doing, const core::Error& error) {
  proto::Problem problem = proto::problem_of(error, proto::Subject::stored_object);
  if (problem.status >= 500 && error.code != core::ErrorCode::overloaded) log.failed(doing, error);
  return problem;
}

proto::Problem failed_problem(observe::Log& log, std::string_view doing, const core::Error& error) {
  // That there is no space is told once, by the store, when it begins; no memory, by the metrics.
  const bool is_told = error.code == core::ErrorCode::no_space || error.code == core::ErrorCode::overloaded;
  if (!is_told) log.failed(doing, error);
  return proto::problem_of(error, proto::Subject::stored_object);
}

Response failed_response(observe::Log& log, std::string_view doing, const core::Error& error) {
  return response_of(failed_problem(log, doing, error));
}

proto::HttpResult<void> check_content_encoding(const RequestHead& head) {
  const std::string_view encoding = head.value_of("content-encoding");
  if (encoding.empty() || encoding == "identity") return {};
  return proto::refuse(proto::RequestError::unsupported_media_type,
                       "the Content-Encoding `" + std::string(encoding) + "` is not known; send the bytes as they are");
}

}  // namespace sconce::server::api
