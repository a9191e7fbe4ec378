#include "server/api/batch/batch_get.h"

#include <utility>

#include "proto/http/fields/media_type.h"
#include "proto/http/requests/query.h"
#include "server/api/batch/batch_items.h"
#include "server/api/objects/object_headers.h"

namespace sconce::server::api {

namespace {

using proto::HttpResult;
using proto::RequestError;

// To read a list of so many bytes takes less than handing it to another thread, or little more.
constexpr std::size_t kImmediateBytesMax = 16 * 1024;

Response tar_response(std::unique_ptr<BodySource> tar) {
  Response response{.status = 200, .fields = {{"Content-Type", "application/x-tar"}}};
  response.body = std::move(tar);
  return response;
}

class BatchGet final : public RequestHandler {
 public:
  BatchGet(const ApiContext& context, const Caller& caller) : context_(context), caller_(caller) {}

  OrResponse<void> put(std::span<const std::byte> bytes) override {
    if (bytes.size() > proto::kBatchGetBytesMax - body_.size()) {
      return std::unexpected(response_of(
          proto::problem_of(RequestError::body_too_large,
                            "a list of items has at most " + std::to_string(proto::kBatchGetBytesMax) + " bytes")));
    }
    body_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }

  Response finish() override {
    const HttpResult<proto::BatchGet> request = proto::parse_batch_get(body_, context_.batch_entries_max);
    if (!request) return response_of(request.error());
    HttpResult<std::vector<BatchItem>> items = plan_items(*request, caller_);
    if (!items) return response_of(items.error());
    return request->as == proto::BatchGet::As::tar ? tar_response(tar_source(std::move(*items), context_))
                                                   : stack(std::move(*items));
  }

 private:
  Response stack(std::vector<BatchItem> items) const {
    if (items.empty())
      return response_of(proto::problem_of(RequestError::bad_request, "there is no stack of no items"));
    const proto::ObjectFormat format = items.front().plan.format;
    HttpResult<std::unique_ptr<BodySource>> body = stack_source(items, context_);
    if (!body) return response_of(body.error());
    Response response{.status = 200, .fields = {{"Content-Type", proto::media_type_of(format)}}};
    response.body = std::move(*body);
    return response;
  }

  const ApiContext& context_;
  const Caller& caller_;
  std::string body_;
};

class BatchGetRequest final : public PlannedRequest {
 public:
  BatchGetRequest(const ApiContext& context, const Caller& caller) : context_(context), caller_(caller) {}

  Cost cost_of(std::span<const std::byte>) const override { return Cost::read; }

  std::optional<Response> answer_from_memory(std::string_view body) override {
    if (body.size() > kImmediateBytesMax) return std::nullopt;
    const HttpResult<proto::BatchGet> request = proto::parse_batch_get(body, context_.batch_entries_max);
    if (!request || request->as != proto::BatchGet::As::tar) return std::nullopt;
    HttpResult<std::vector<BatchItem>> items = plan_items(*request, caller_);
    if (!items) return std::nullopt;
    std::unique_ptr<BodySource> tar = tar_source_in_memory(std::move(*items), context_);
    return tar == nullptr ? std::nullopt : std::optional(tar_response(std::move(tar)));
  }

  HandlerOrResponse begin(std::optional<std::uint64_t>) override {
    return std::make_unique<BatchGet>(context_, caller_);
  }

 private:
  const ApiContext& context_;
  const Caller caller_;
};

}  // namespace

HttpResult<std::unique_ptr<PlannedRequest>> plan_batch_get(const RequestHead& head, const ApiContext& context,
                                                           const Caller& caller) {
  if (const auto query = proto::parse_query(head.query, {}); !query) return std::unexpected(query.error());
  if (const auto encoding = check_content_encoding(head); !encoding) return std::unexpected(encoding.error());
  return std::make_unique<BatchGetRequest>(context, caller);
}

}  // namespace sconce::server::api
