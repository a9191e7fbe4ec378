#include "server/api/batch/batch_intake.h"

#include <set>

#include "core/text/quote.h"
#include "proto/formats/macos_files.h"
#include "proto/http/requests/batch.h"
#include "server/api/objects/object_headers.h"
#include "server/api/objects/object_intake.h"
#include "server/api/objects/write_condition.h"

namespace sconce::server::api {

namespace {

using proto::HttpResult;
using proto::RequestError;
using storage::Condition;
using storage::Write;

// What a batch holds in memory of small objects before it moves them to the disk.
constexpr std::uint64_t kHeldBytesMax = 1 << 20;

std::unexpected<proto::Problem> not_a_file(const TarEntry& entry) {
  std::string_view why = "; links and devices are not followed";
  if (entry.kind == TarEntry::Kind::hard_link) why = " but a hard link; write the tar with --hard-dereference";
  if (entry.kind == TarEntry::Kind::symbolic_link) why = " but a symbolic link; write the tar with --dereference";
  return proto::refuse(RequestError::bad_request,
                       "the entry " + core::in_backticks(entry.name) + " is not a file" + std::string(why));
}

}  // namespace

HttpResult<void> BatchIntake::read(BodyReader& body) {
  HttpResult<void> taken = take_all(body);
  if (taken) taken = add_control();
  if (taken) taken = check_conditions();
  return taken;
}

HttpResult<void> BatchIntake::take_all(BodyReader& body) {
  TarReader tar(body);
  for (std::size_t count = 0;; ++count) {
    const auto entry = tar.next();
    if (!entry) return std::unexpected(proto::problem_of(entry.error(), proto::Subject::request_body));
    if (!*entry) return {};
    if (count == context_.batch_entries_max) return too_many();
    const bool is_control = (*entry)->kind == TarEntry::Kind::file && proto::is_batch_control((*entry)->name);
    HttpResult<void> taken = is_control ? take_control(tar) : take_entry(tar, **entry);
    if (!taken) return taken;
  }
}

std::unexpected<proto::Problem> BatchIntake::too_many() const {
  return proto::refuse(RequestError::body_too_large, "a batch has at most " +
                                                         std::to_string(context_.batch_entries_max) +
                                                         " entries, with what is deleted and asked for");
}

HttpResult<void> BatchIntake::take_control(TarReader& tar) {
  if (has_control_ || !writes_.empty()) {
    return std::unexpected(proto::problem_of(
        core::Error{
            .code = core::ErrorCode::malformed,
            .what = "the entry " + core::in_backticks(proto::kBatchControlName) +
                    ": it is not an object, but says what the batch does; it must come before all objects, once"},
        proto::Subject::request_body));
  }
  has_control_ = true;
  std::string text;
  while (true) {
    const auto bytes = tar.read();
    if (!bytes) return std::unexpected(proto::problem_of(bytes.error(), proto::Subject::request_body));
    if (bytes->empty()) break;
    if (bytes->size() > proto::kBatchControlBytesMax - text.size()) {
      return proto::refuse(RequestError::body_too_large, core::in_backticks(proto::kBatchControlName) +
                                                             " is larger than " +
                                                             std::to_string(proto::kBatchControlBytesMax) + " bytes");
    }
    text.append(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  }
  HttpResult<proto::BatchControl> control = proto::parse_batch_control(text, context_.batch_entries_max);
  if (!control) return std::unexpected(std::move(control.error()));
  control_ = std::move(*control);
  return {};
}

/// The key of a name, if the client may do this to it. The batch is refused whole, before the first of it is stored.
HttpResult<std::string> BatchIntake::key_for(proto::Right right, std::string_view name) const {
  HttpResult<std::string> key = proto::batch_key_of(plan_.request.prefix, name);
  if (!key) return key;
  if (HttpResult<void> checked = caller_.check({right}, *key); !checked) {
    checked.error().detail = core::in_backticks(*key) + ": " + checked.error().detail;
    return std::unexpected(std::move(checked.error()));
  }
  return key;
}

/// What macOS may have added is looked into before it is taken for an object: nothing of any other entry.
core::Result<std::string> BatchIntake::read_begin(TarReader& tar, const TarEntry& entry) const {
  std::string begin;
  while (proto::has_macos_name(entry.name) && begin.size() < proto::kMacosMarkBytes) {
    const auto bytes = tar.read();
    if (!bytes) return std::unexpected(bytes.error());
    if (bytes->empty()) break;
    begin.append(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  }
  return begin;
}

HttpResult<void> BatchIntake::take_entry(TarReader& tar, const TarEntry& entry) {
  if (entry.kind == TarEntry::Kind::directory) return {};
  if (entry.kind != TarEntry::Kind::file) return not_a_file(entry);
  const auto begin = read_begin(tar, entry);
  if (!begin) return std::unexpected(proto::problem_of(begin.error(), proto::Subject::request_body));
  if (proto::has_macos_name(entry.name) && proto::has_macos_mark(*begin)) {
    skipped_.add(entry.name);
    return {};
  }
  HttpResult<std::string> key = key_for(proto::Right::write, entry.name);
  if (!key) return std::unexpected(std::move(key.error()));
  const Condition::Kind kind = plan_.request.all_are_new ? Condition::Kind::absent : Condition::Kind::any;
  HttpResult<storage::Put> put = take_object(tar, entry, *begin);
  if (!put) {
    put.error().detail = "the entry " + core::in_backticks(entry.name) + ": " + put.error().detail;
    return std::unexpected(std::move(put.error()));
  }
  return add(std::move(*key), {.kind = kind}, std::move(*put));
}

HttpResult<storage::Put> BatchIntake::take_object(TarReader& tar, const TarEntry& entry, std::string_view begin) {
  if (entry.size_bytes > context_.body_bytes_max) {
    return proto::refuse(RequestError::body_too_large,
                         "an object has at most " + std::to_string(context_.body_bytes_max) + " bytes");
  }
  const IntakeOptions options{
      .format = plan_.format, .referenced = plan_.request.referenced, .size_bytes = entry.size_bytes};
  auto intake = ObjectIntake::begin(context_, options, kBatchCommit);
  if (!intake) return std::unexpected(std::move(intake.error()));
  if (HttpResult<void> taken = (*intake)->put(std::as_bytes(std::span(begin))); !taken) {
    return std::unexpected(std::move(taken.error()));
  }
  while (true) {
    const auto bytes = tar.read();
    if (!bytes) return std::unexpected(proto::problem_of(bytes.error(), proto::Subject::request_body));
    if (bytes->empty()) break;
    if (HttpResult<void> taken = (*intake)->put(*bytes); !taken) return std::unexpected(std::move(taken.error()));
  }
  HttpResult<storage::Put> put = (*intake)->finish();
  if (put) undeclared_.add_all((*intake)->undeclared());
  if (put) skipped_.add_all(entry.name, (*intake)->skipped());
  if (put) put = spooled(std::move(*put), (*intake)->stored_bytes());
  return put;
}

/// Moves it to the disk, if the batch holds enough in memory. `size_bytes`: of what is stored; an entry of a tar can
/// become many times its size.
HttpResult<storage::Put> BatchIntake::spooled(storage::Put put, std::uint64_t size_bytes) {
  if (held_bytes_ + size_bytes <= kHeldBytesMax) {
    held_bytes_ += size_bytes;
    return put;
  }
  if (const core::Status spooled = put.upload->spool(); !spooled) {
    return std::unexpected(failed_problem(context_.log, kBatchCommit, spooled.error()));
  }
  return put;
}

HttpResult<void> BatchIntake::add(std::string key, Condition condition, decltype(Write::what) what) {
  if (writes_.size() == context_.batch_entries_max) return too_many();
  if (!keys_.insert({key, writes_.size()}).second) {
    return proto::refuse(RequestError::bad_request,
                         "the key " + core::in_backticks(key) + " appears twice in the batch");
  }
  writes_.push_back({.key = std::move(key), .condition = std::move(condition), .what = std::move(what)});
  return {};
}

/// What is deleted, and the conditions: of writes, and of keys that are only looked at.
HttpResult<void> BatchIntake::add_control() {
  for (const std::string& name : control_.deleted) {
    HttpResult<std::string> key = key_for(proto::Right::remove, name);
    if (!key) return std::unexpected(std::move(key.error()));
    if (HttpResult<void> added = add(std::move(*key), {}, storage::Delete{}); !added) return added;
  }
  std::set<std::string> conditional;
  for (const auto& [name, condition] : control_.conditions) {
    HttpResult<std::string> key = proto::batch_key_of(plan_.request.prefix, name);
    if (!key) return std::unexpected(std::move(key.error()));
    if (!conditional.insert(*key).second) {
      return proto::refuse(RequestError::bad_request, "the key " + core::in_backticks(*key) + " has two conditions");
    }
    const auto write = keys_.find(*key);
    if (write != keys_.end()) {
      writes_[write->second].condition = storage_condition(condition);
      continue;
    }
    // Whether it holds tells what is stored.
    if (const auto readable = key_for(proto::Right::read, name); !readable) return std::unexpected(readable.error());
    if (HttpResult<void> added = add(std::move(*key), storage_condition(condition), storage::Check{}); !added) {
      return added;
    }
  }
  return {};
}

HttpResult<void> BatchIntake::check_conditions() const {
  if (!context_.require_conditions) return {};
  for (const Write& write : writes_) {
    if (write.condition.kind != Condition::Kind::any) continue;
    return proto::refuse(
        RequestError::precondition_required,
        "this server takes only writes with a condition, and the key " + core::in_backticks(write.key) + " has none");
  }
  return {};
}

}  // namespace sconce::server::api
