#include "server/api/object_intake.h"

#include "server/api/object_headers.h"

namespace sconce::server::api {

namespace {

core::ReadOptions read_options(const ApiContext& context, const IntakeOptions& options) {
  return {.referenced = options.referenced,
          .trailing = core::TrailingBytes::refuse,
          .input_bytes = options.size_bytes,
          .classes = &context.classes};
}

}  // namespace

proto::Answer<std::unique_ptr<ObjectIntake>> ObjectIntake::begin(const ApiContext& context,
                                                                 const IntakeOptions& options, std::string_view doing) {
  auto upload = context.store.begin_upload(options.size_bytes);
  if (!upload) return std::unexpected(failed_problem(context.log, doing, upload.error()));
  return std::unique_ptr<ObjectIntake>(new ObjectIntake(context, options, doing, std::move(*upload)));
}

ObjectIntake::ObjectIntake(const ApiContext& context, const IntakeOptions& options, std::string_view doing,
                           std::unique_ptr<storage::Upload> upload)
    : context_(context),
      doing_(doing),
      upload_(std::move(upload)),
      sink_(*upload_),
      writer_(options.format, sink_, read_options(context, options)) {}

proto::Answer<void> ObjectIntake::put(std::span<const std::byte> bytes) {
  if (const core::Status read = writer_.put(bytes); !read) return std::unexpected(problem_of(read.error()));
  return {};
}

proto::Answer<storage::Put> ObjectIntake::finish() {
  if (const core::Status read = writer_.finish(); !read) return std::unexpected(problem_of(read.error()));
  storage::Put put{.upload = std::move(upload_), .annotations = {}};
  put.annotations.root_kind = writer_.root_kind();
  return put;
}

proto::Problem ObjectIntake::problem_of(const core::Error& error) const {
  if (!sink_.failed()) return proto::problem_of(error, proto::Subject::request_body);
  if (error.code != core::ErrorCode::limit_exceeded) return failed_problem(context_.log, doing_, error);
  return proto::problem_of(proto::Refusal::body_too_large, error.what);
}

core::Status ObjectIntake::UploadSink::write(std::span<const std::byte> bytes) {
  core::Status written = upload_.write(bytes);
  failed_ = failed_ || !written;
  return written;
}

}  // namespace sconce::server::api
