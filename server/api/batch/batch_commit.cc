#include "server/api/batch/batch_commit.h"

#include <algorithm>
#include <set>

#include "core/text/quote.h"
#include "proto/formats/convert/object_importer.h"
#include "proto/formats/json/json_text.h"
#include "proto/http/fields/media_type.h"
#include "proto/http/requests/batch.h"
#include "proto/http/requests/listing.h"
#include "server/api/batch/pulled_body.h"
#include "server/api/batch/tar_reader.h"
#include "server/api/objects/object_headers.h"
#include "server/api/objects/object_intake.h"
#include "server/api/objects/write_condition.h"

namespace sconce::server::api {

namespace {

using proto::Answer;
using proto::Refusal;
using storage::Condition;
using storage::Write;

constexpr std::string_view kDoing = "batch commit";

// What a batch holds in memory of small objects before it moves them to the disk.
constexpr std::uint64_t kHeldBytesMax = 1 << 20;

/// A batch commit, as far as its head says it.
struct BatchPlan {
  proto::BatchRequest request;
  proto::ObjectFormat format = proto::ObjectFormat::automatic;
};

Answer<BatchPlan> plan_batch(const RequestHead& head) {
  Answer<proto::BatchRequest> request = proto::parse_batch_request(head.query);
  if (!request) return std::unexpected(std::move(request.error()));
  if (const auto encoding = check_content_encoding(head); !encoding) return std::unexpected(encoding.error());
  const auto format = proto::body_format(request->format, "");
  if (!format) return std::unexpected(format.error());
  return BatchPlan{std::move(*request), *format};
}

/// Much, if it may hold an object that is compressed.
Effort effort_of_tar(proto::ObjectFormat format, std::span<const std::byte> tar) {
  const std::string_view bytes(reinterpret_cast<const char*>(tar.data()), tar.size());
  const auto is_there = [bytes](std::string_view begin) { return bytes.contains(begin); };
  const bool is_told = format != proto::ObjectFormat::automatic;
  const bool may_hold_npz =
      is_told ? format == proto::ObjectFormat::npz : std::ranges::any_of(proto::kZipBegins, is_there);
  return may_hold_npz ? Effort::much : Effort::usual;
}

/// Collects what a tar asks for, and commits it.
class BatchCommit {
 public:
  BatchCommit(const ApiContext& context, const BatchPlan& plan, const Caller& caller)
      : context_(context), plan_(plan), caller_(caller) {}

  Response run(BodyReader& body) {
    if (const Answer<void> taken = take_all(body); !taken) return response_of(taken.error());
    if (const Answer<void> added = add_control(); !added) return response_of(added.error());
    if (const Answer<void> checked = check_conditions(); !checked) return response_of(checked.error());
    std::vector<std::string> keys;
    keys.reserve(writes_.size());
    for (const Write& write : writes_) keys.push_back(write.key);
    const auto outcome = context_.store.commit(std::move(writes_));
    if (!outcome) return failed_response(context_.log, kDoing, outcome.error());
    if (!outcome->applied) {
      return precondition_failed(outcome->before[outcome->failed],
                                 "the key " + core::in_backticks(keys[outcome->failed]));
    }
    Response response = committed(keys, *outcome);
    add_undeclared(response, undeclared_);
    return response;
  }

 private:
  Answer<void> take_all(BodyReader& body) {
    TarReader tar(body);
    for (std::size_t count = 0;; ++count) {
      const auto entry = tar.next();
      if (!entry) return std::unexpected(proto::problem_of(entry.error(), proto::Subject::request_body));
      if (!*entry) return {};
      if (count == context_.batch_entries_max) return too_many();
      const bool is_control = count == 0 && (*entry)->name == proto::kBatchControlName;
      Answer<void> taken = is_control ? take_control(tar) : take_entry(tar, **entry);
      if (!taken) return taken;
    }
  }

  std::unexpected<proto::Problem> too_many() const {
    return proto::refuse(Refusal::body_too_large, "a batch has at most " + std::to_string(context_.batch_entries_max) +
                                                      " entries, with what is deleted and asked for");
  }

  Answer<void> take_control(TarReader& tar) {
    std::string text;
    while (true) {
      const auto bytes = tar.read();
      if (!bytes) return std::unexpected(proto::problem_of(bytes.error(), proto::Subject::request_body));
      if (bytes->empty()) break;
      if (bytes->size() > proto::kBatchControlBytesMax - text.size()) {
        return proto::refuse(Refusal::body_too_large, core::in_backticks(proto::kBatchControlName) +
                                                          " is larger than " +
                                                          std::to_string(proto::kBatchControlBytesMax) + " bytes");
      }
      text.append(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    }
    Answer<proto::BatchControl> control = proto::parse_batch_control(text, context_.batch_entries_max);
    if (!control) return std::unexpected(std::move(control.error()));
    control_ = std::move(*control);
    return {};
  }

  /// The key of a name, if the client may do this to it. The batch is refused whole, before the first of it is stored.
  Answer<std::string> key_for(proto::Right right, std::string_view name) const {
    Answer<std::string> key = proto::batch_key_of(plan_.request.prefix, name);
    if (!key) return key;
    if (Answer<void> checked = caller_.check({right}, *key); !checked) {
      checked.error().detail = core::in_backticks(name) + ": " + checked.error().detail;
      return std::unexpected(std::move(checked.error()));
    }
    return key;
  }

  Answer<void> take_entry(TarReader& tar, const TarEntry& entry) {
    if (entry.kind == TarEntry::Kind::directory) return {};
    if (entry.kind != TarEntry::Kind::file) {
      return proto::refuse(Refusal::bad_request, "the entry " + core::in_backticks(entry.name) +
                                                     " is not a file; links and devices are not followed");
    }
    Answer<std::string> key = key_for(proto::Right::write, entry.name);
    if (!key) return std::unexpected(std::move(key.error()));
    const Condition::Kind kind = plan_.request.all_are_new ? Condition::Kind::absent : Condition::Kind::any;
    Answer<storage::Put> put = take_object(tar, entry);
    if (!put) {
      put.error().detail = "the entry " + core::in_backticks(entry.name) + ": " + put.error().detail;
      return std::unexpected(std::move(put.error()));
    }
    return add(std::move(*key), {.kind = kind}, std::move(*put));
  }

  Answer<storage::Put> take_object(TarReader& tar, const TarEntry& entry) {
    if (entry.size_bytes > context_.body_bytes_max) {
      return proto::refuse(Refusal::body_too_large,
                           "an object has at most " + std::to_string(context_.body_bytes_max) + " bytes");
    }
    const IntakeOptions options{
        .format = plan_.format, .referenced = plan_.request.referenced, .size_bytes = entry.size_bytes};
    auto intake = ObjectIntake::begin(context_, options, kDoing);
    if (!intake) return std::unexpected(std::move(intake.error()));
    while (true) {
      const auto bytes = tar.read();
      if (!bytes) return std::unexpected(proto::problem_of(bytes.error(), proto::Subject::request_body));
      if (bytes->empty()) break;
      if (Answer<void> taken = (*intake)->put(*bytes); !taken) return std::unexpected(std::move(taken.error()));
    }
    Answer<storage::Put> put = (*intake)->finish();
    if (put) undeclared_.add_all((*intake)->undeclared());
    if (put) put = spooled(std::move(*put), (*intake)->stored_bytes());
    return put;
  }

  /// Moves it to the disk, if the batch holds enough in memory. `size_bytes`: of what is stored; an entry of a tar can
  /// become many times its size.
  Answer<storage::Put> spooled(storage::Put put, std::uint64_t size_bytes) {
    if (held_bytes_ + size_bytes <= kHeldBytesMax) {
      held_bytes_ += size_bytes;
      return put;
    }
    if (const core::Status spooled = put.upload->spool(); !spooled) {
      return std::unexpected(failed_problem(context_.log, kDoing, spooled.error()));
    }
    return put;
  }

  Answer<void> add(std::string key, Condition condition, decltype(Write::what) what) {
    if (writes_.size() == context_.batch_entries_max) return too_many();
    if (!keys_.insert({key, writes_.size()}).second) {
      return proto::refuse(Refusal::bad_request, "the key " + core::in_backticks(key) + " stands twice in the batch");
    }
    writes_.push_back({.key = std::move(key), .condition = std::move(condition), .what = std::move(what)});
    return {};
  }

  /// What is deleted, and the conditions: of writes, and of keys that are only looked at.
  Answer<void> add_control() {
    for (const std::string& name : control_.deleted) {
      Answer<std::string> key = key_for(proto::Right::remove, name);
      if (!key) return std::unexpected(std::move(key.error()));
      if (Answer<void> added = add(std::move(*key), {}, storage::Delete{}); !added) return added;
    }
    std::set<std::string> conditional;
    for (const auto& [name, condition] : control_.conditions) {
      Answer<std::string> key = proto::batch_key_of(plan_.request.prefix, name);
      if (!key) return std::unexpected(std::move(key.error()));
      if (!conditional.insert(*key).second) {
        return proto::refuse(Refusal::bad_request, "the key " + core::in_backticks(*key) + " has two conditions");
      }
      const auto write = keys_.find(*key);
      if (write != keys_.end()) {
        writes_[write->second].condition = storage_condition(condition);
        continue;
      }
      // Whether it holds tells what is stored.
      if (const auto readable = key_for(proto::Right::read, name); !readable) return std::unexpected(readable.error());
      if (Answer<void> added = add(std::move(*key), storage_condition(condition), storage::Check{}); !added) {
        return added;
      }
    }
    return {};
  }

  Answer<void> check_conditions() const {
    if (!context_.require_conditions) return {};
    for (const Write& write : writes_) {
      if (write.condition.kind != Condition::Kind::any) continue;
      return proto::refuse(
          Refusal::precondition_required,
          "this server takes only writes with a condition, and the key " + core::in_backticks(write.key) + " has none");
    }
    return {};
  }

  /// `{"objects":[{"key":"a","etag":"…"}],"deleted":1}`, the objects in the tar's order.
  static Response committed(const std::vector<std::string>& keys, const storage::CommitOutcome& outcome) {
    std::string json = "{\"objects\":[";
    std::size_t deleted = 0;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto& before = outcome.before[i];
      const auto& after = outcome.after[i];
      if (before && !after) deleted += 1;
      if (!after || (before && before->revision == after->revision)) continue;
      if (json.back() != '[') json += ",\n";
      json += "{\"key\":";
      proto::append_printable_string(json, keys[i]);
      json += ",\"etag\":";
      proto::append_printable_string(json, entity_tag_of(*after, proto::Representation{}));
      json += '}';
    }
    json += "],\"deleted\":" + std::to_string(deleted) + "}\n";
    Response response{.status = 200, .fields = {{"Content-Type", "application/json"}}};
    response.body = source_of(std::move(json));
    return response;
  }

  const ApiContext& context_;
  const BatchPlan plan_;
  const Caller caller_;
  std::vector<Write> writes_;
  std::map<std::string, std::size_t> keys_;  // to the place in writes_
  std::uint64_t held_bytes_ = 0;
  core::UndeclaredClasses undeclared_;  // of all objects together
  proto::BatchControl control_;
};

}  // namespace

Begun begin_batch_commit(const RequestHead& head, const ApiContext& context, const Caller& caller) {
  Answer<BatchPlan> plan = plan_batch(head);
  if (!plan) return std::unexpected(response_of(plan.error()));
  const auto effort = [format = plan->format](std::span<const std::byte> body) { return effort_of_tar(format, body); };
  const auto read = [&context, plan = std::move(*plan), caller](BodyReader& body) {
    return BatchCommit(context, plan, caller).run(body);
  };
  return std::make_unique<PulledBody>(read, effort);
}

}  // namespace sconce::server::api
