// PUT and DELETE.

#include "core/null_sink.h"
#include "core/sniff.h"
#include "core/transcode.h"
#include "proto/conditional.h"
#include "proto/media_type.h"
#include "proto/object_key.h"
#include "proto/percent.h"
#include "proto/query.h"
#include "server/api/object_headers.h"
#include "server/api/object_request.h"
#include "server/api/objects.h"
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
};

storage::Condition storage_condition(const proto::WriteCondition& condition) {
  using To = storage::Condition::Kind;
  using From = proto::WriteCondition::Kind;
  storage::Condition converted;
  switch (condition.kind) {
    case From::any: converted.kind = To::any; break;
    case From::exists: converted.kind = To::exists; break;
    case From::absent: converted.kind = To::absent; break;
    case From::revision_is_one_of: converted.kind = To::revision_is_one_of; break;
    case From::revision_is_none_of: converted.kind = To::revision_is_none_of; break;
  }
  for (const proto::RevisionId& revision : condition.revisions) converted.revisions.push_back({revision});
  return converted;
}

Answer<storage::Condition> condition_of(const RequestHead& head) {
  const auto conditions = proto::parse_conditions(head.field("if-match"), head.field("if-none-match"));
  if (!conditions) return std::unexpected(conditions.error());
  const auto condition = proto::write_condition(*conditions);
  if (!condition) return std::unexpected(condition.error());
  return storage_condition(*condition);
}

Answer<PutPlan> plan_put(const RequestHead& head, std::string_view encoded_key) {
  Answer<ObjectRequest> request = parse_object_request(head, encoded_key);
  if (!request) return std::unexpected(std::move(request.error()));
  if (const auto encoding = check_content_encoding(head); !encoding) return std::unexpected(encoding.error());
  const auto format = proto::body_format(request->format, head.value_of("content-type"));
  if (!format) return std::unexpected(format.error());
  auto condition = condition_of(head);
  if (!condition) return std::unexpected(condition.error());
  return PutPlan{std::move(request->key), *format, request->referenced, std::move(*condition)};
}

Response precondition_failed(const std::optional<storage::ObjectMeta>& current) {
  Response response = response_of(proto::problem_of(
      Refusal::precondition_failed,
      current ? "the key has another revision than If-Match or If-None-Match asks for; ETag says which"
              : "the key does not exist"));
  if (current) response.fields.push_back({"ETag", entity_tag_of(*current, proto::Representation{})});
  return response;
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

/// How many bytes of `body` are canonical as they stand; nothing if they have to be written anew.
core::Result<std::optional<std::size_t>> canonical_bytes(std::span<const std::byte> body, core::Format format,
                                                         const core::ReadOptions& options) {
  if (format != core::Format::binary && format != core::Format::b64) return std::nullopt;
  core::NullSink nowhere;
  core::DistinctIndices distinct(nowhere);
  core::EventReader reader(format, options.referenced ? static_cast<core::EventSink&>(nowhere) : distinct, options);
  const core::Result<std::size_t> used = reader.put_last(body);
  if (!used) return std::unexpected(used.error());
  if (distinct.changed()) return std::nullopt;
  return *used;
}

/// Writes the canonical bytes of `body` to `out`.
core::Status write_canonical(std::span<const std::byte> body, core::Format format, const core::ReadOptions& options,
                             core::ByteSink& out) {
  if (format == core::Format::automatic) {
    const core::Result<core::Format> sniffed = core::sniff(body, options);
    if (!sniffed) return std::unexpected(sniffed.error());
    format = *sniffed;
  }
  const auto canonical = canonical_bytes(body, format, options);
  if (!canonical) return std::unexpected(canonical.error());
  if (*canonical) return out.write(body.first(**canonical));
  const core::TranscodeOptions transcode{.from = format, .to = core::Format::binary, .read = options};
  const core::Result<std::size_t> used = core::transcode(body, out, transcode);
  if (!used) return std::unexpected(used.error());
  return {};
}

}  // namespace

std::optional<Response> Objects::refuse_put(const RequestHead& head, std::string_view encoded_key) const {
  const Answer<PutPlan> plan = plan_put(head, encoded_key);
  if (!plan) return response_of(plan.error());
  if (plan->condition.kind == storage::Condition::Kind::any) return std::nullopt;
  const auto current = context_.store.stat(plan->key);
  if (!current) return failed_response(context_.log, "PUT", current.error());
  if (holds(plan->condition, *current)) return std::nullopt;
  return precondition_failed(*current);
}

Response Objects::put(const RequestHead& head, std::string_view encoded_key, std::span<const std::byte> body) const {
  Answer<PutPlan> plan = plan_put(head, encoded_key);
  if (!plan) return response_of(plan.error());
  auto upload = context_.store.begin_upload(body.size());
  if (!upload) return failed_response(context_.log, "PUT", upload.error());
  const core::ReadOptions read{.referenced = plan->referenced,
                               .trailing = core::TrailingBytes::refuse,
                               .input_bytes = body.size(),
                               .classes = &context_.classes};
  UploadSink sink(**upload);
  if (const core::Status written = write_canonical(body, plan->format, read, sink); !written) {
    const bool too_large = sink.failed() && written.error().code == core::ErrorCode::limit_exceeded;
    if (too_large) return response_of(proto::problem_of(Refusal::body_too_large, written.error().what));
    if (sink.failed()) return failed_response(context_.log, "PUT", written.error());
    return response_of(proto::problem_of(written.error(), Subject::request_body));
  }
  std::vector<storage::Write> writes(1);
  writes[0] = {.key = plan->key, .condition = plan->condition, .what = storage::Put{std::move(*upload)}};
  const auto outcome = context_.store.commit(std::move(writes));
  if (!outcome) return failed_response(context_.log, "PUT", outcome.error());
  if (!outcome->applied) return precondition_failed(outcome->before[0]);
  return {.status = outcome->before[0] ? 200U : 201U,
          .fields = {{"ETag", entity_tag_of(*outcome->after[0], proto::Representation{})},
                     {"Location", "/v1/objects/" + proto::percent_encode_path(plan->key)}}};
}

Response Objects::remove(const RequestHead& head, std::string_view encoded_key) const {
  Answer<std::string> key = proto::parse_object_key(encoded_key);
  if (!key) return response_of(key.error());
  if (const auto query = proto::parse_query(head.query, {}); !query) return response_of(query.error());
  const Answer<storage::Condition> condition = condition_of(head);
  if (!condition) return response_of(condition.error());
  std::vector<storage::Write> writes(1);
  writes[0] = {.key = std::move(*key), .condition = *condition, .what = storage::Delete{}};
  const auto outcome = context_.store.commit(std::move(writes));
  if (!outcome) return failed_response(context_.log, "DELETE", outcome.error());
  if (!outcome->applied) return precondition_failed(outcome->before[0]);
  if (!outcome->before[0]) return key_not_found();
  return {.status = 204};
}

}  // namespace sconce::server::api
