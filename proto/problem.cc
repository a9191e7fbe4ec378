#include "proto/problem.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace sconce::proto {

namespace {

struct Kind {
  unsigned status;
  std::string_view code;
};

Kind kind_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::bad_request: return {400, "bad_request"};
    case Refusal::bad_key: return {400, "bad_key"};
    case Refusal::bad_query: return {400, "bad_query"};
    case Refusal::bad_header: return {400, "bad_header"};
    case Refusal::unknown_route: return {404, "unknown_route"};
    case Refusal::key_not_found: return {404, "not_found"};
    case Refusal::method_not_allowed: return {405, "method_not_allowed"};
    case Refusal::not_acceptable: return {406, "not_acceptable"};
    case Refusal::unsupported_media_type: return {415, "unsupported_media_type"};
    case Refusal::precondition_failed: return {412, "precondition_failed"};
    case Refusal::body_too_large: return {413, "body_too_large"};
    case Refusal::header_too_large: return {431, "header_too_large"};
    case Refusal::timeout: return {408, "timeout"};
    case Refusal::overloaded: return {503, "overloaded"};
    case Refusal::internal: return {500, "internal"};
  }
  std::unreachable();
}

unsigned status_of(core::ErrorCode code, Subject subject) {
  const unsigned unreadable = subject == Subject::request_body ? 400 : 500;
  switch (code) {
    case core::ErrorCode::malformed:
    case core::ErrorCode::truncated:
    case core::ErrorCode::trailing_bytes:
    case core::ErrorCode::unknown_format: return unreadable;
    case core::ErrorCode::invalid_argument: return 400;
    case core::ErrorCode::limit_exceeded:
    case core::ErrorCode::unrepresentable: return 422;
    case core::ErrorCode::not_found: return 404;
    case core::ErrorCode::no_space: return 507;
    case core::ErrorCode::io_error:
    case core::ErrorCode::corrupt: return 500;
  }
  std::unreachable();
}

std::string public_detail(const core::Error& error, unsigned status) {
  if (status == 507) return "the store is full; nothing was written";
  if (error.code == core::ErrorCode::corrupt) return "the stored bytes are damaged; the server's log says more";
  if (status == 500) return "the server failed; its log says more";
  return error.what;
}

}  // namespace

Problem problem_of(Refusal refusal, std::string detail) {
  const Kind kind = kind_of(refusal);
  return {.status = kind.status, .code = std::string(kind.code), .detail = std::move(detail)};
}

Problem problem_of(const core::Error& error, Subject subject) {
  const unsigned status = status_of(error.code, subject);
  Problem problem{.status = status, .code = std::string(name_of(error.code)), .detail = public_detail(error, status)};
  if (status < 500) {
    problem.offset = error.offset;
    problem.path = error.path;
  }
  return problem;
}

std::string_view reason_of(unsigned status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    case 507: return "Insufficient Storage";
    default: return "Unknown";
  }
}

std::string to_json(const Problem& problem) {
  nlohmann::ordered_json document = {{"type", "about:blank"},
                                     {"title", reason_of(problem.status)},
                                     {"status", problem.status},
                                     {"code", problem.code},
                                     {"detail", problem.detail}};
  if (problem.offset) document["offset"] = *problem.offset;
  if (problem.path) document["path"] = *problem.path;
  // Names out of an object may hold any bytes; JSON holds only UTF-8.
  return document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace sconce::proto
