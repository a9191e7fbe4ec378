// PUT.

#include "core/canonical_writer.h"
#include "proto/media_type.h"
#include "proto/percent.h"
#include "server/api/object_headers.h"
#include "server/api/object_request.h"
#include "server/api/objects.h"
#include "server/api/user_metadata.h"
#include "server/api/write_condition.h"
#include "server/storage/condition.h"

namespace sconce::server::api {

namespace {

using proto::Answer;
using proto::Refusal;
using proto::Subject;

/// A PUT, as far as its head says it.
struct PutPlan {
  std::string key;
  core::Format format = core::Format::automatic;
  bool referenced = true;
  storage::Condition condition;
  UserMetadata user_metadata;
};

Answer<PutPlan> plan_put(const RequestHead& head, std::string_view encoded_key) {
  Answer<ObjectRequest> request = parse_object_request(head, encoded_key);
  if (!request) return std::unexpected(std::move(request.error()));
  if (const auto encoding = check_content_encoding(head); !encoding) return std::unexpected(encoding.error());
  const auto format = proto::body_format(request->format, head.value_of("content-type"));
  if (!format) return std::unexpected(format.error());
  auto condition = condition_of(head);
  if (!condition) return std::unexpected(condition.error());
  auto metadata = user_metadata_of(head);
  if (!metadata) return std::unexpected(std::move(metadata.error()));
  return PutPlan{std::move(request->key), *format, request->referenced, std::move(*condition), std::move(*metadata)};
}

/// Hands bytes to an upload, and remembers whether it was the upload that failed.
class UploadSink final : public core::ByteSink {
 public:
  explicit UploadSink(storage::Upload& upload) : upload_(upload) {}
  core::Status write(std::span<const std::byte> bytes) override {
    core::Status written = upload_.write(bytes);
    failed_ = failed_ || !written;
    return written;
  }
  bool failed() const { return failed_; }

 private:
  storage::Upload& upload_;
  bool failed_ = false;
};

class ObjectUpload final : public RequestBody {
 public:
  ObjectUpload(const ApiContext& context, PutPlan plan, std::unique_ptr<storage::Upload> upload,
               std::optional<std::uint64_t> body_bytes)
      : context_(context),
        plan_(std::move(plan)),
        upload_(std::move(upload)),
        sink_(*upload_),
        writer_(plan_.format, sink_, read_options(context, plan_, body_bytes)) {}

  std::expected<void, Response> put(std::span<const std::byte> bytes) override {
    if (const core::Status read = writer_.put(bytes); !read) return std::unexpected(failed(read.error()));
    return {};
  }

  Response finish() override {
    if (const core::Status read = writer_.finish(); !read) return failed(read.error());
    const storage::Annotations annotations{.root_kind = std::string(writer_.root_kind()),
                                           .user_metadata = std::move(plan_.user_metadata)};
    std::vector<storage::Write> writes(1);
    writes[0] = {.key = plan_.key,
                 .condition = std::move(plan_.condition),
                 .what = storage::Put{std::move(upload_), annotations}};
    const auto outcome = context_.store.commit(std::move(writes));
    if (!outcome) return failed_response(context_.log, "PUT", outcome.error());
    if (!outcome->applied) return precondition_failed(outcome->before[0]);
    return {.status = outcome->before[0] ? 200U : 201U,
            .fields = {{"ETag", entity_tag_of(*outcome->after[0], proto::Representation{})},
                       {"Location", "/v1/objects/" + proto::percent_encode_path(plan_.key)}}};
  }

 private:
  static core::ReadOptions read_options(const ApiContext& context, const PutPlan& plan,
                                        std::optional<std::uint64_t> body_bytes) {
    return {.referenced = plan.referenced,
            .trailing = core::TrailingBytes::refuse,
            .input_bytes = body_bytes,
            .classes = &context.classes};
  }

  Response failed(const core::Error& error) const {
    if (!sink_.failed()) return response_of(proto::problem_of(error, Subject::request_body));
    if (error.code != core::ErrorCode::limit_exceeded) return failed_response(context_.log, "PUT", error);
    return response_of(proto::problem_of(Refusal::body_too_large, error.what));
  }

  const ApiContext& context_;
  PutPlan plan_;
  std::unique_ptr<storage::Upload> upload_;
  UploadSink sink_;
  core::CanonicalWriter writer_;
};

/// Whether the condition holds now; the commit decides, but a body need not come in vain. Errors: the refusal.
std::expected<void, Response> may_hold(const PutPlan& plan, const ApiContext& context) {
  if (plan.condition.kind == storage::Condition::Kind::any) return {};
  const auto current = context.store.stat(plan.key);
  if (!current) return std::unexpected(failed_response(context.log, "PUT", current.error()));
  if (!holds(plan.condition, *current)) return std::unexpected(precondition_failed(*current));
  return {};
}

}  // namespace

Begun Objects::begin_put(const RequestHead& head, std::string_view encoded_key,
                         std::optional<std::uint64_t> body_bytes) const {
  Answer<PutPlan> plan = plan_put(head, encoded_key);
  if (!plan) return std::unexpected(response_of(plan.error()));
  if (auto held = may_hold(*plan, context_); !held) return std::unexpected(std::move(held.error()));
  auto upload = context_.store.begin_upload(body_bytes);
  if (!upload) return std::unexpected(failed_response(context_.log, "PUT", upload.error()));
  return std::make_unique<ObjectUpload>(context_, std::move(*plan), std::move(*upload), body_bytes);
}

}  // namespace sconce::server::api
