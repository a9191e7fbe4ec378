#include "server/api/objects/output_request.h"

#include <utility>

#include "core/text/quote.h"

namespace sconce::server::api {

namespace {

using proto::HttpResult;
using proto::ObjectFormat;
using proto::RequestError;

// Stops a path of thousands of steps, each of which may have to be looked for.
constexpr std::size_t kPathStepsMax = 256;

std::unexpected<proto::Problem> wrong(std::string_view parameter, const core::Error& error) {
  proto::Problem problem = proto::problem_of(RequestError::bad_query,
                                             "the query parameter " + core::in_backticks(parameter) + ", at its byte " +
                                                 std::to_string(error.offset.value_or(0)) + ": " + error.what);
  return std::unexpected(std::move(problem));
}

HttpResult<ObjectFormat> styled(const std::optional<std::string>& style, ObjectFormat format) {
  if (!style) return format;
  if (*style != "plain" && *style != "lossless") {
    return proto::refuse(RequestError::bad_query,
                         "the query parameter `style` must be plain or lossless, not " + core::in_backticks(*style));
  }
  if (format != ObjectFormat::json) {
    return proto::refuse(RequestError::bad_query, "the query parameter `style` goes with the format json");
  }
  return *style == "plain" ? ObjectFormat::plain_json : ObjectFormat::json;
}

}  // namespace

HttpResult<core::Path> path_of(const proto::Query& query) {
  if (!query.path) return core::Path{};
  auto path = core::parse_path(*query.path);
  if (!path) return wrong("path", path.error());
  if (path->steps.size() <= kPathStepsMax) return std::move(*path);
  return proto::refuse(RequestError::bad_query, "a path has at most " + std::to_string(kPathStepsMax) + " steps");
}

HttpResult<proto::OutputPlan> output_plan_of(const proto::Query& query, ObjectFormat format) {
  HttpResult<bool> referenced = true;
  if (query.referenced) referenced = proto::boolean_of(query.referenced, "referenced", true);
  if (!referenced) return std::unexpected(referenced.error());
  const HttpResult<ObjectFormat> chosen = styled(query.style, format);
  if (!chosen) return std::unexpected(chosen.error());
  HttpResult<core::Path> path = path_of(query);
  if (!path) return std::unexpected(std::move(path.error()));
  proto::OutputPlan plan{.format = *chosen, .referenced = *referenced, .path = std::move(*path)};
  if (!query.slice) return plan;
  auto slice = core::parse_slice(*query.slice);
  if (!slice) return wrong("slice", slice.error());
  plan.slice = std::move(*slice);
  return plan;
}

}  // namespace sconce::server::api
