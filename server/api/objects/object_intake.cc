#include "server/api/objects/object_intake.h"

#include "server/api/objects/object_headers.h"
#include "server/api/objects/roomy_spool.h"

namespace sconce::server::api {

namespace {

// Of smaller objects the outline is made when it is asked for, and so it is of the few that become larger than what
// came.
constexpr std::uint64_t kOutlinedBytesMin = 256 << 10;
// To make so many bytes takes less than handing them to another thread, or little more, and the store keeps them in
// memory until the commit.
constexpr std::uint64_t kQuicklyMadeBytesMax = 130 << 10;

proto::ImportRequest intake_request(const ApiContext& context, const IntakeOptions& options) {
  proto::ImportRequest request{.format = options.format, .read = {}, .spool = {}};
  request.read = {.referenced = options.referenced,
                  .trailing = core::TrailingBytes::refuse,
                  .input_bytes = options.size_bytes,
                  .limits = context.read_limits,
                  .classes = &context.classes};
  request.spool = [&context, size = options.size_bytes] { return make_roomy_spool(context, size); };
  request.elements_bytes_max = context.body_bytes_max;
  if (options.size_bytes && *options.size_bytes <= kOutlinedBytesMin) request.outlining = core::Outlining::off;
  return request;
}

}  // namespace

Cost cost_of_intake(proto::ObjectFormat format, std::span<const std::byte> body) {
  const std::optional<std::uint64_t> bytes_max = proto::canonical_bytes_max(format, body);
  if (!bytes_max) return Cost::bulk;
  return *bytes_max <= kQuicklyMadeBytesMax ? Cost::immediate : Cost::write;
}

proto::HttpResult<std::unique_ptr<ObjectIntake>> ObjectIntake::begin(const ApiContext& context,
                                                                     const IntakeOptions& options,
                                                                     std::string_view doing) {
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
      intake_(intake_request(context, options), sink_) {}

proto::HttpResult<void> ObjectIntake::put(std::span<const std::byte> bytes) {
  if (const core::Status read = intake_.put(bytes); !read) return std::unexpected(problem_of(read.error()));
  return {};
}

proto::HttpResult<storage::Put> ObjectIntake::finish() {
  if (const core::Status read = intake_.finish(); !read) return std::unexpected(problem_of(read.error()));
  if (sink_.size_bytes() > kOutlinedBytesMin && intake_.has_outline()) {
    upload_->describe(core::encode_outline(intake_.take_outline()));
  }
  storage::Put put{.upload = std::move(upload_), .annotations = {}};
  put.annotations.root_kind = intake_.root_kind();
  return put;
}

proto::Problem ObjectIntake::problem_of(const core::Error& error) const {
  const bool is_ours = error.code == core::ErrorCode::io_error || error.code == core::ErrorCode::no_space ||
                       error.code == core::ErrorCode::unavailable;
  if (!sink_.failed() && !is_ours) return proto::problem_of(error, proto::Subject::request_body);
  if (error.code != core::ErrorCode::limit_exceeded) return failed_problem(context_.log, doing_, error);
  return proto::problem_of(proto::RequestError::body_too_large, error.what);
}

core::Status ObjectIntake::UploadSink::write(std::span<const std::byte> bytes) {
  core::Status written = upload_.write(bytes);
  failed_ = failed_ || !written;
  size_bytes_ += bytes.size();
  return written;
}

}  // namespace sconce::server::api
