#include "proto/http/problem.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/text/printable.h"

namespace sconce::proto {
namespace {

using core::ErrorCode;

TEST(Problem, EveryRefusalHasItsStatusAndCode) {
  struct Row {
    RequestError error;
    unsigned status;
    std::string_view code;
    std::string_view reason;
  };
  constexpr Row kRows[] = {
      {RequestError::bad_request, 400, "bad_request", "Bad Request"},
      {RequestError::bad_key, 400, "bad_key", "Bad Request"},
      {RequestError::bad_query, 400, "bad_query", "Bad Request"},
      {RequestError::bad_header, 400, "bad_header", "Bad Request"},
      {RequestError::unknown_route, 404, "unknown_route", "Not Found"},
      {RequestError::key_not_found, 404, "not_found", "Not Found"},
      {RequestError::method_not_allowed, 405, "method_not_allowed", "Method Not Allowed"},
      {RequestError::not_implemented, 501, "not_implemented", "Not Implemented"},
      {RequestError::not_acceptable, 406, "not_acceptable", "Not Acceptable"},
      {RequestError::unsupported_media_type, 415, "unsupported_media_type", "Unsupported Media Type"},
      {RequestError::precondition_failed, 412, "precondition_failed", "Precondition Failed"},
      {RequestError::body_too_large, 413, "body_too_large", "Content Too Large"},
      {RequestError::request_timeout, 408, "request_timeout", "Request Timeout"},
      {RequestError::overloaded, 503, "overloaded", "Service Unavailable"},
      {RequestError::already_running, 409, "already_running", "Conflict"},
      {RequestError::interrupted, 503, "interrupted", "Service Unavailable"},
      {RequestError::header_too_large, 431, "header_too_large", "Request Header Fields Too Large"},
      {RequestError::uri_too_long, 414, "uri_too_long", "URI Too Long"},
      {RequestError::expectation_failed, 417, "expectation_failed", "Expectation Failed"},
      {RequestError::misdirected, 421, "misdirected", "Misdirected Request"},
      {RequestError::version_not_supported, 505, "version_not_supported", "HTTP Version Not Supported"}};
  for (const Row& row : kRows) {
    const Problem problem = problem_of(row.error, "why");
    EXPECT_EQ(problem, (Problem{.status = row.status, .code = std::string(row.code), .detail = "why"}));
    EXPECT_EQ(reason_of(problem.status), row.reason);
  }
}

/// Source: RFC 6750, section 3.1.
TEST(Problem, WhoMayNotIsToldWhatToBring) {
  const Problem unauthorized = problem_of(RequestError::unauthorized, "why");
  EXPECT_EQ(unauthorized,
            (Problem{.status = 401, .code = "unauthorized", .detail = "why", .challenge = "Bearer realm=\"sconce\""}));
  const Problem invalid = problem_of(RequestError::invalid_token, "why");
  EXPECT_EQ(invalid, (Problem{.status = 401,
                              .code = "invalid_token",
                              .detail = "why",
                              .challenge = "Bearer realm=\"sconce\", error=\"invalid_token\""}));
  const Problem forbidden = problem_of(RequestError::forbidden, "why");
  EXPECT_EQ(forbidden, (Problem{.status = 403,
                                .code = "forbidden",
                                .detail = "why",
                                .challenge = "Bearer realm=\"sconce\", error=\"insufficient_scope\""}));
  EXPECT_EQ(reason_of(401), "Unauthorized");
  EXPECT_EQ(reason_of(403), "Forbidden");
}

TEST(Problem, EveryErrorOfARequestBodyHasItsStatus) {
  struct Row {
    ErrorCode code;
    unsigned status;
  };
  constexpr Row kRows[] = {{ErrorCode::malformed, 400},       {ErrorCode::truncated, 400},
                           {ErrorCode::trailing_bytes, 400},  {ErrorCode::unknown_format, 400},
                           {ErrorCode::limit_exceeded, 400},  {ErrorCode::invalid_argument, 400},
                           {ErrorCode::unrepresentable, 422}, {ErrorCode::not_found, 404}};
  for (const Row& row : kRows) {
    const Problem problem = problem_of(core::Error{row.code, "why", 12, "a.b"}, Subject::request_body);
    const Problem expected{row.status, std::string(name_of(row.code)), "why", 12, "a.b", ""};
    EXPECT_EQ(problem, expected) << expected.code;
  }
}

TEST(Problem, EveryErrorOfAStoredObjectHasItsStatus) {
  struct Row {
    ErrorCode code;
    unsigned status;
  };
  constexpr Row kRows[] = {{ErrorCode::limit_exceeded, 422},
                           {ErrorCode::unrepresentable, 422},
                           {ErrorCode::invalid_argument, 400},
                           {ErrorCode::not_found, 404}};
  for (const Row& row : kRows) {
    const Problem problem = problem_of(core::Error{row.code, "why", 12, "a.b"}, Subject::stored_object);
    const Problem expected{row.status, std::string(name_of(row.code)), "why", 12, "a.b", ""};
    EXPECT_EQ(problem, expected) << expected.code;
  }
  for (const ErrorCode code :
       {ErrorCode::malformed, ErrorCode::truncated, ErrorCode::trailing_bytes, ErrorCode::unknown_format}) {
    EXPECT_EQ(problem_of(core::Error{code, "why", 12, "a.b"}, Subject::stored_object),
              (Problem{500, "corrupt", "the stored bytes are damaged; the server's log says more"}))
        << name_of(code);
  }
}

TEST(Problem, TextOfServerFailuresStaysInside) {
  struct Row {
    ErrorCode code;
    unsigned status;
    std::string_view detail;
  };
  constexpr Row kRows[] = {
      {ErrorCode::io_error, 500, "the server failed; its log says more"},
      {ErrorCode::corrupt, 500, "the stored bytes are damaged; the server's log says more"},
      {ErrorCode::no_space, 507, "the store is full; make room, and send it again"},
      {ErrorCode::unavailable, 503, "the store cannot do that at the moment; the server's log says why"}};
  for (const Row& row : kRows) {
    for (const Subject subject : {Subject::request_body, Subject::stored_object}) {
      const Problem problem = problem_of(core::Error{row.code, "/data/000012.sst: secret", 12, "a.b"}, subject);
      EXPECT_EQ(problem, (Problem{row.status, std::string(name_of(row.code)), std::string(row.detail)}));
    }
  }
}

/// It tells what a client can do, and is written for that.
TEST(Problem, TextOfAServerFailureThatIsForClientsPasses) {
  const core::Error error{.code = ErrorCode::no_space, .what = "send less", .is_for_clients = true};
  for (const Subject subject : {Subject::request_body, Subject::stored_object}) {
    EXPECT_EQ(problem_of(error, subject), (Problem{507, "no_space", "send less"}));
  }
}

TEST(Reason, EveryStatusOfAnAnswerHasItsPhrase) {
  EXPECT_EQ(reason_of(200), "OK");
  EXPECT_EQ(reason_of(201), "Created");
  EXPECT_EQ(reason_of(204), "No Content");
  EXPECT_EQ(reason_of(304), "Not Modified");
  EXPECT_EQ(reason_of(422), "Unprocessable Content");
  EXPECT_EQ(reason_of(507), "Insufficient Storage");
  EXPECT_EQ(reason_of(299), "Unknown");
}

TEST(ProblemDocument, IsRfc9457) {
  const Problem problem{400, "malformed", "the storage has -1 elements", 12, "model.weight", ""};
  EXPECT_EQ(to_json(problem), R"({"type":"about:blank","title":"Bad Request","status":400,"code":"malformed",)"
                              R"("detail":"the storage has -1 elements","offset":12,"path":"model.weight"})"
                              "\n");
}

TEST(ProblemDocument, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(to_json(problem_of(RequestError::key_not_found, "none")),
            R"({"type":"about:blank","title":"Not Found","status":404,"code":"not_found","detail":"none"})"
            "\n");
}

TEST(ProblemDocument, TheRootsPathIsEmptyAndOffsetsAreExact) {
  const Problem problem{400, "truncated", "the input ends", 18446744073709551615U, "", ""};
  const nlohmann::json document = nlohmann::json::parse(to_json(problem));
  EXPECT_EQ(document.at("path"), "");
  EXPECT_EQ(document.at("offset").get<std::uint64_t>(), 18446744073709551615U);
}

TEST(ProblemDocument, AnyBytesBecomeJson) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  const nlohmann::json document = nlohmann::json::parse(to_json(Problem{400, "malformed", every, 0, "[\"\xff\"]", ""}));
  EXPECT_EQ(document.at("detail"), core::printable(every));
  EXPECT_EQ(document.at("path"), "[\"\\xff\"]");
}

TEST(Problem, IsReadBackFromItsDocument) {
  const Problem all{.status = 400, .code = "malformed", .detail = "why", .offset = 12, .path = "a.b"};
  EXPECT_EQ(problem_from_json(to_json(all)), all);
  const Problem few{.status = 404, .code = "not_found", .detail = "no"};
  EXPECT_EQ(problem_from_json(to_json(few)), few);
  for (const std::string_view other : {"", "nonsense", "[]", "{}", R"({"status":"400","code":"a","detail":"b"})"}) {
    EXPECT_EQ(problem_from_json(other), std::nullopt) << other;
  }
}

}  // namespace
}  // namespace sconce::proto
