#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "proto/formats/convert/object_importer.h"
#include "server/api/context.h"
#include "server/http/planned_request.h"

namespace sconce::server::api {

/// How the bytes of an object are to be read.
struct IntakeOptions {
  proto::ObjectFormat format = proto::ObjectFormat::automatic;
  bool referenced = true;
  std::optional<std::uint64_t> size_bytes = std::nullopt;  ///< Of what will come, where that is known.
};

/// What it takes to read `body`, all of an object in `format`, and to store it.
Cost cost_of_intake(proto::ObjectFormat format, std::span<const std::byte> body);

/// Takes one object, in any format, and puts its canonical bytes into an upload while they come. Lifetime: `context`
/// and `doing` are borrowed. Threads: one at a time.
class ObjectIntake {
 public:
  /// `doing` is for the log. Errors: no_space, io_error.
  static proto::HttpResult<std::unique_ptr<ObjectIntake>> begin(const ApiContext& context, const IntakeOptions& options,
                                                                std::string_view doing);

  /// Errors: what is wrong with the object; body_too_large; no_space, io_error.
  proto::HttpResult<void> put(std::span<const std::byte> bytes);

  /// All has come. Errors: the same.
  proto::HttpResult<storage::Put> finish();

  /// Of the canonical bytes so far.
  std::uint64_t stored_bytes() const { return sink_.size_bytes(); }

  /// What was assumed of its classes; call it after `finish`.
  const core::UndeclaredClasses& undeclared() const { return intake_.undeclared(); }
  /// What of an npz was left out; likewise.
  proto::SkippedEntries skipped() const { return intake_.skipped(); }

 private:
  /// Hands bytes to an upload, and remembers whether it was the upload that failed, and how many there were.
  class UploadSink final : public core::ByteSink {
   public:
    explicit UploadSink(storage::Upload& upload) : upload_(upload) {}
    core::Status write(std::span<const std::byte> bytes) override;
    bool failed() const { return failed_; }
    std::uint64_t size_bytes() const { return size_bytes_; }

   private:
    storage::Upload& upload_;
    bool failed_ = false;
    std::uint64_t size_bytes_ = 0;
  };

  ObjectIntake(const ApiContext& context, const IntakeOptions& options, std::string_view doing,
               std::unique_ptr<storage::Upload> upload);
  proto::Problem problem_of(const core::Error& error) const;

  const ApiContext& context_;
  const std::string_view doing_;
  std::unique_ptr<storage::Upload> upload_;
  UploadSink sink_;
  proto::ObjectImporter intake_;
};

}  // namespace sconce::server::api
