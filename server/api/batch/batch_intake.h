#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/classes/undeclared_classes.h"
#include "proto/formats/object_format.h"
#include "proto/formats/skipped_entries.h"
#include "proto/http/requests/batch.h"
#include "server/api/access/access.h"
#include "server/api/batch/pulled_body.h"
#include "server/api/batch/tar_reader.h"
#include "server/api/context.h"
#include "server/storage/store.h"

namespace sconce::server::api {

/// For the log.
inline constexpr std::string_view kBatchCommit = "batch commit";

/// A batch commit, as far as its head says it.
struct BatchPlan {
  proto::BatchRequest request;
  proto::ObjectFormat format = proto::ObjectFormat::automatic;
};

/// Collects the writes that a tar asks for. Lifetime: all is borrowed. Threads: one at a time.
class BatchIntake {
 public:
  BatchIntake(const ApiContext& context, const BatchPlan& plan, const Caller& caller)
      : context_(context), plan_(plan), caller_(caller) {}

  /// Reads all of the body. Errors: what is wrong with the tar or one of its objects; a key that the caller may not
  /// write, delete or look at; no_space, io_error.
  proto::HttpResult<void> read(BodyReader& body);

  /// All of them; called once.
  std::vector<storage::Write> take_writes() { return std::move(writes_); }
  const core::UndeclaredClasses& undeclared() const { return undeclared_; }
  /// Entries that hold no object, of the tar and of the npz in it.
  const proto::SkippedEntries& skipped() const { return skipped_; }

 private:
  proto::HttpResult<void> take_all(BodyReader& body);
  std::unexpected<proto::Problem> too_many() const;
  proto::HttpResult<void> take_control(TarReader& tar);
  proto::HttpResult<std::string> key_for(proto::Right right, std::string_view name) const;
  proto::HttpResult<void> take_entry(TarReader& tar, const TarEntry& entry);
  core::Result<std::string> read_begin(TarReader& tar, const TarEntry& entry) const;
  proto::HttpResult<storage::Put> take_object(TarReader& tar, const TarEntry& entry, std::string_view begin);
  proto::HttpResult<storage::Put> spooled(storage::Put put, std::uint64_t size_bytes);
  proto::HttpResult<void> add(std::string key, storage::Condition condition, decltype(storage::Write::what) what);
  proto::HttpResult<void> add_control();
  proto::HttpResult<void> check_conditions() const;

  const ApiContext& context_;
  const BatchPlan& plan_;
  const Caller& caller_;
  std::vector<storage::Write> writes_;
  std::map<std::string, std::size_t> keys_;  // to the place in writes_
  std::uint64_t held_bytes_ = 0;
  core::UndeclaredClasses undeclared_;  // of all objects together
  proto::SkippedEntries skipped_;       // likewise
  proto::BatchControl control_;
  bool has_control_ = false;
};

}  // namespace sconce::server::api
