#include "cli/inspect_key.h"

#include <span>

#include "cli/client/http_get.h"
#include "cli/client/token_variable.h"
#include "cli/printing/outline_printer.h"
#include "cli/printing/text.h"
#include "cli/reading.h"
#include "proto/formats/json/outline_json.h"
#include "proto/formats/json/outline_rows.h"
#include "proto/http/problem.h"

namespace sconce::cli {
namespace {

constexpr std::string_view kObjects = "/v1/objects/";

// An outline ends with a bracket and a newline.
constexpr HttpGetLimits kLimits = {.body_bytes_max = proto::kOutlineBytesMax + 16,
                                   .step = std::chrono::seconds(30),
                                   .answer = std::chrono::seconds(120)};

/// What an answer other than 200 says.
core::Error refusal_of(const HttpAnswer& answer) {
  core::Error error{.code = core::ErrorCode::io_error, .what = "the server answered " + std::to_string(answer.status)};
  const auto problem = proto::problem_from_json(answer.body);
  if (!problem) return error;
  error.what += ": " + problem->detail;
  error.path = problem->path;
  return error;
}

}  // namespace

bool is_url(const std::string& name) { return name.contains("://"); }

bool is_object_url(const std::string& text) {
  const auto url = parse_url(text);
  return url && url->target.starts_with(kObjects) && url->target.size() > kObjects.size();
}

core::Status inspect_key(const std::string& text, const TlsArguments& tls, core::ByteSink& out) {
  auto url = parse_url(text);
  if (!url || !is_object_url(text)) {
    return core::fail(core::ErrorCode::invalid_argument, "not a URL of the form http://HOST:PORT/v1/objects/KEY");
  }
  url->target += url->target.contains('?') ? "&view=outline" : "?view=outline";
  const auto token = token_variable();
  if (!token) return std::unexpected(token.error());
  const auto answer = http_get(*url, *token, tls, kLimits);
  if (!answer) return std::unexpected(answer.error());
  if (answer->status != 200) return std::unexpected(refusal_of(*answer));
  const auto rows = proto::outline_rows(answer->body);
  if (!rows) return std::unexpected(rows.error());
  const std::string head = std::string(shown_name_of(proto::ObjectFormat::binary)) + ", " +
                           counted(rows->front().part.size_bytes, "byte") + '\n';
  if (core::Status headed = out.write(std::as_bytes(std::span(head))); !headed) return headed;
  return print_outline(out, *rows);
}

}  // namespace sconce::cli
