// GET and HEAD.

#include "core/transcode.h"
#include "proto/conditional.h"
#include "proto/media_type.h"
#include "server/api/object_headers.h"
#include "server/api/object_request.h"
#include "server/api/objects.h"

namespace sconce::server::api {

namespace {

using proto::Answer;
using proto::Representation;
using storage::RevisionReader;

/// The stored bytes themselves.
class RevisionSource final : public BodySource {
 public:
  explicit RevisionSource(std::unique_ptr<RevisionReader> reader) : reader_(std::move(reader)) {}
  std::uint64_t size_bytes() const override { return reader_->meta().size_bytes; }
  core::Result<std::span<const std::byte>> next() override {
    const std::size_t size = std::min<std::uint64_t>(kPieceBytesMax, size_bytes() - done_);
    auto piece = reader_->read(done_, size);
    if (piece) done_ += size;
    return piece;
  }

 private:
  std::unique_ptr<RevisionReader> reader_;
  std::uint64_t done_ = 0;
};

/// A GET, as far as its head says it.
struct ReadPlan {
  std::string key;
  Representation representation;
  proto::Conditions conditions;
};

Answer<ReadPlan> plan_read(const RequestHead& head, std::string_view encoded_key) {
  Answer<ObjectRequest> request = parse_object_request(head, encoded_key);
  if (!request) return std::unexpected(std::move(request.error()));
  const auto format = proto::answer_format(request->format, head.value_of("accept"));
  if (!format) return std::unexpected(format.error());
  auto conditions = proto::parse_conditions(head.field("if-match"), head.field("if-none-match"));
  if (!conditions) return std::unexpected(std::move(conditions.error()));
  return ReadPlan{std::move(request->key), proto::representation_of(*format, request->referenced),
                  std::move(*conditions)};
}

/// Writes the representation to `out`.
core::Status represent(RevisionReader& reader, const Representation& representation, const ApiContext& context,
                       core::ByteSink& out) {
  const auto stored = reader.read(0, reader.meta().size_bytes);
  if (!stored) return std::unexpected(stored.error());
  core::TranscodeOptions options{.from = core::Format::binary, .to = representation.format};
  options.read.classes = &context.classes;
  options.referenced = representation.referenced;
  options.walk.expanded_bytes_max = context.expanded_bytes_max;
  const core::Result<std::size_t> used = core::transcode(*stored, out, options);
  if (!used) return std::unexpected(used.error());
  return {};
}

std::vector<Field> fields_of(const storage::ObjectMeta& meta, const Representation& representation) {
  return {
      {"ETag", entity_tag_of(meta, representation)}, {"Last-Modified", http_date(meta.modified)}, {"Vary", "Accept"}};
}

Response represented(std::unique_ptr<RevisionReader> reader, const Representation& representation, bool only_head,
                     const ApiContext& context) {
  Response response{.status = 200, .fields = fields_of(reader->meta(), representation)};
  response.fields.push_back({"Content-Type", proto::media_type_of(representation.format)});
  if (representation == Representation{}) {
    if (only_head) response.head_size_bytes = reader->meta().size_bytes;
    else response.body = std::make_unique<RevisionSource>(std::move(reader));
    return response;
  }
  std::string text;
  core::StringSink text_sink(text);
  core::CountingSink count;
  const core::Status written =
      represent(*reader, representation, context, only_head ? static_cast<core::ByteSink&>(count) : text_sink);
  if (!written) {
    const proto::Problem problem = proto::problem_of(written.error(), proto::Subject::stored_object);
    if (problem.status >= 500) context.log.failed("GET", written.error());
    return response_of(problem);
  }
  if (only_head) response.head_size_bytes = count.size_bytes();
  else response.body = source_of(std::move(text));
  return response;
}

}  // namespace

Response Objects::read(const RequestHead& head, std::string_view encoded_key) const {
  const Answer<ReadPlan> plan = plan_read(head, encoded_key);
  if (!plan) return response_of(plan.error());
  auto reader = context_.store.open(plan->key);
  if (!reader) return failed_response(context_.log, "GET", reader.error());
  std::optional<std::string> tag;
  if (*reader) tag = entity_tag_of((*reader)->meta(), plan->representation);
  switch (proto::evaluate_read(plan->conditions, tag)) {
    case proto::ReadOutcome::proceed: break;
    case proto::ReadOutcome::not_modified:
      return {.status = 304, .fields = fields_of((*reader)->meta(), plan->representation)};
    case proto::ReadOutcome::precondition_failed: {
      Response response = response_of(
          proto::problem_of(proto::Refusal::precondition_failed, "the object is not the one that If-Match names"));
      if (tag) response.fields.push_back({"ETag", *tag});
      return response;
    }
  }
  if (*reader == nullptr) return key_not_found();
  return represented(std::move(*reader), plan->representation, head.method == "HEAD", context_);
}

}  // namespace sconce::server::api
