// GET and HEAD.

#include "proto/conditional.h"
#include "proto/digest.h"
#include "proto/media_type.h"
#include "server/api/object_headers.h"
#include "server/api/object_request.h"
#include "server/api/objects.h"
#include "server/api/ranges.h"
#include "server/api/representation_source.h"
#include "server/api/sha256.h"
#include "server/api/user_metadata.h"

namespace sconce::server::api {

namespace {

using proto::Answer;
using proto::Representation;
using storage::RevisionReader;

/// The stored bytes themselves.
class RevisionSource final : public BodySource {
 public:
  explicit RevisionSource(std::shared_ptr<RevisionReader> reader) : reader_(std::move(reader)) {}
  std::optional<std::uint64_t> size_bytes() const override { return reader_->meta().size_bytes; }
  core::Result<std::span<const std::byte>> next() override {
    const std::size_t size = std::min<std::uint64_t>(kPieceBytesMax, reader_->meta().size_bytes - done_);
    auto piece = reader_->read(done_, size);
    if (piece) done_ += piece->size();
    return piece;
  }
  bool can_seek() const override { return true; }
  void seek(std::uint64_t offset) override { done_ = offset; }

 private:
  std::shared_ptr<RevisionReader> reader_;
  std::uint64_t done_ = 0;
};

/// A GET, as far as its head says it.
struct ReadPlan {
  std::string key;
  Representation representation;
  proto::Conditions conditions;
  bool wants_digest = false;
};

Answer<ReadPlan> plan_read(const RequestHead& head, std::string_view encoded_key) {
  Answer<ObjectRequest> request = parse_object_request(head, encoded_key);
  if (!request) return std::unexpected(std::move(request.error()));
  const auto format = proto::answer_format(request->format, head.value_of("accept"));
  if (!format) return std::unexpected(format.error());
  auto conditions = proto::parse_conditions(head.field("if-match"), head.field("if-none-match"));
  if (!conditions) return std::unexpected(std::move(conditions.error()));
  const std::string* const want = head.field("want-repr-digest");
  const auto wants_digest = want == nullptr ? Answer<bool>(false) : proto::wants_sha256(*want);
  if (!wants_digest) return std::unexpected(wants_digest.error());
  return ReadPlan{std::move(request->key), proto::representation_of(*format, request->referenced),
                  std::move(*conditions), *wants_digest};
}

std::vector<Field> fields_of(const storage::ObjectMeta& meta, const Representation& representation) {
  std::vector<Field> fields = {
      {"ETag", entity_tag_of(meta, representation)}, {"Last-Modified", http_date(meta.modified)}, {"Vary", "Accept"}};
  add_user_metadata(fields, meta.annotations.user_metadata);
  return fields;
}

core::Result<std::unique_ptr<BodySource>> body_of(std::shared_ptr<RevisionReader> reader,
                                                  const Representation& representation, const ApiContext& context) {
  if (representation == Representation{}) return std::make_unique<RevisionSource>(std::move(reader));
  return representation_source(std::move(reader), representation, context);
}

/// Reads the body to its end.
core::Result<std::string> digest_of(BodySource& body) {
  Sha256 hash;
  while (true) {
    const auto piece = body.next();
    if (!piece) return std::unexpected(piece.error());
    if (piece->empty()) return hash.base64();
    hash.update(*piece);
  }
}

/// Adds the body, and the digest of all of it if that is wanted, which costs making it twice.
core::Status add_body(Response& response, const std::shared_ptr<RevisionReader>& reader, const ReadPlan& plan,
                      const ApiContext& context) {
  auto body = body_of(reader, plan.representation, context);
  if (body && plan.wants_digest) {
    const core::Result<std::string> digest = digest_of(**body);
    if (!digest) return std::unexpected(digest.error());
    response.fields.push_back({"Repr-Digest", proto::digest_field_of(*digest)});
    body = body_of(reader, plan.representation, context);
  }
  if (!body) return std::unexpected(std::move(body.error()));
  response.body = std::move(*body);
  return {};
}

Response represented(const std::shared_ptr<RevisionReader>& reader, const ReadPlan& plan, const ApiContext& context) {
  Response response{.status = 200, .fields = fields_of(reader->meta(), plan.representation)};
  response.fields.push_back({"Content-Type", proto::media_type_of(plan.representation.format)});
  const core::Status added = add_body(response, reader, plan, context);
  if (added) return response;
  const proto::Problem problem = proto::problem_of(added.error(), proto::Subject::stored_object);
  if (problem.status >= 500) context.log.failed("GET", added.error());
  return response_of(problem);
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
  Response response = represented(std::move(*reader), *plan, context_);
  if (response.status != 200) return response;
  // Nobody knew the tag before the object was written, so no part of it can hold the boundary.
  const std::string boundary = tag->substr(1, tag->size() - 2);
  return with_ranges(head, std::move(response), *tag, boundary);
}

}  // namespace sconce::server::api
