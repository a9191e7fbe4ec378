#include "proto/http/problem.h"

#include <utility>

#include "core/text/printable.h"
#include "proto/formats/json/json_text.h"
#include "proto/formats/json/json_value.h"

namespace sconce::proto {

namespace {

struct Kind {
  unsigned status;
  std::string_view code;
};

Kind kind_of(RequestError error) {
  switch (error) {
    case RequestError::bad_request: return {400, "bad_request"};
    case RequestError::bad_key: return {400, "bad_key"};
    case RequestError::bad_query: return {400, "bad_query"};
    case RequestError::bad_header: return {400, "bad_header"};
    case RequestError::unauthorized: return {401, "unauthorized"};
    case RequestError::invalid_token: return {401, "invalid_token"};
    case RequestError::forbidden: return {403, "forbidden"};
    case RequestError::cross_site: return {403, "cross_site"};
    case RequestError::unknown_route: return {404, "unknown_route"};
    case RequestError::key_not_found: return {404, "not_found"};
    case RequestError::method_not_allowed: return {405, "method_not_allowed"};
    case RequestError::not_implemented: return {501, "not_implemented"};
    case RequestError::not_acceptable: return {406, "not_acceptable"};
    case RequestError::unsupported_media_type: return {415, "unsupported_media_type"};
    case RequestError::precondition_failed: return {412, "precondition_failed"};
    case RequestError::precondition_required: return {428, "precondition_required"};
    case RequestError::digest_mismatch: return {400, "digest_mismatch"};
    case RequestError::body_too_large: return {413, "body_too_large"};
    case RequestError::range_not_satisfiable: return {416, "range_not_satisfiable"};
    case RequestError::request_timeout: return {408, "request_timeout"};
    case RequestError::overloaded: return {503, kOverloaded};
    case RequestError::already_running: return {409, "already_running"};
    case RequestError::interrupted: return {503, "interrupted"};
    case RequestError::header_too_large: return {431, "header_too_large"};
    case RequestError::uri_too_long: return {414, "uri_too_long"};
    case RequestError::expectation_failed: return {417, "expectation_failed"};
    case RequestError::misdirected: return {421, "misdirected"};
    case RequestError::version_not_supported: return {505, "version_not_supported"};
  }
  std::unreachable();
}

/// What a client that may not is told to bring. Source: RFC 6750, section 3.
std::string challenge_of(RequestError error) {
  std::string challenge = "Bearer realm=\"sconce\"";
  if (error == RequestError::unauthorized) return challenge;
  if (error == RequestError::invalid_token) return challenge + ", error=\"invalid_token\"";
  if (error == RequestError::forbidden) return challenge + ", error=\"insufficient_scope\"";
  return {};
}

Kind kind_of(core::ErrorCode code, Subject subject) {
  const bool sent = subject == Subject::request_body;
  const Kind damaged = {500, name_of(core::ErrorCode::corrupt)};
  switch (code) {
    case core::ErrorCode::malformed:
    case core::ErrorCode::truncated:
    case core::ErrorCode::trailing_bytes:
    case core::ErrorCode::unknown_format: return sent ? Kind{400, name_of(code)} : damaged;
    case core::ErrorCode::limit_exceeded: return {sent ? 400U : 422U, name_of(code)};
    case core::ErrorCode::invalid_argument: return {400, name_of(code)};
    case core::ErrorCode::unrepresentable: return {422, name_of(code)};
    case core::ErrorCode::not_found: return {404, name_of(code)};
    case core::ErrorCode::no_space: return {507, name_of(code)};
    case core::ErrorCode::io_error: return {500, name_of(code)};
    case core::ErrorCode::overloaded:
    case core::ErrorCode::unavailable: return {503, name_of(code)};
    case core::ErrorCode::corrupt: return damaged;
  }
  std::unreachable();
}

/// What a client may hear of a failure that is the server's; the rest is for the log.
Problem server_problem(const Kind& kind) {
  std::string_view detail = "the server failed; its log says more";
  if (kind.status == 503) detail = "the store cannot do that at the moment; the server's log says why";
  if (kind.status == 507) detail = "the store is full; make room, and send it again";
  if (kind.code == name_of(core::ErrorCode::corrupt)) {
    detail = "the stored bytes are damaged; the server's log says more";
  }
  return {.status = kind.status, .code = std::string(kind.code), .detail = std::string(detail)};
}

}  // namespace

Problem problem_of(RequestError error, std::string detail) {
  const Kind kind = kind_of(error);
  return {.status = kind.status,
          .code = std::string(kind.code),
          .detail = std::move(detail),
          .challenge = challenge_of(error)};
}

Problem problem_of(const core::Error& error, Subject subject) {
  const Kind kind = kind_of(error.code, subject);
  if (kind.status >= 500 && !error.is_for_clients) return server_problem(kind);
  return {.status = kind.status,
          .code = std::string(kind.code),
          .detail = error.what,
          .offset = error.offset,
          .path = error.path};
}

std::string_view reason_of(unsigned status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 428: return "Precondition Required";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "Unknown";
  }
}

std::string to_json(const Problem& problem) {
  std::string json = R"({"type":"about:blank","title":)";
  append_json_string(json, reason_of(problem.status));
  json.append(",\"status\":").append(std::to_string(problem.status));
  json += ",\"code\":";
  append_json_string(json, core::printable(problem.code));
  json += ",\"detail\":";
  append_json_string(json, core::printable(problem.detail));
  if (problem.offset) json.append(",\"offset\":").append(std::to_string(*problem.offset));
  if (problem.path) append_json_string(json += ",\"path\":", core::printable(*problem.path));
  return json + "}\n";
}

std::optional<Problem> problem_from_json(std::string_view json) {
  constexpr std::size_t kValuesMax = 1000;
  const auto document = parse_json_document(json, {.values_max = kValuesMax});
  if (!document) return std::nullopt;
  const auto text = [&document](std::string_view name) {
    const JsonValue* const value = document->member(name);
    return value == nullptr ? nullptr : value->text();
  };
  const auto count = [&document](std::string_view name) {
    const JsonValue* const value = document->member(name);
    return value == nullptr ? std::nullopt : value->unsigned_integer();
  };
  const auto status = count("status");
  if (!status || !std::in_range<unsigned>(*status) || text("code") == nullptr || text("detail") == nullptr) {
    return std::nullopt;
  }
  Problem problem{.status = static_cast<unsigned>(*status), .code = *text("code"), .detail = *text("detail")};
  problem.offset = count("offset");
  if (text("path") != nullptr) problem.path = *text("path");
  return problem;
}

}  // namespace sconce::proto
